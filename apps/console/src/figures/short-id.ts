const SHOWN = 6;

/** `key_…9aQ1Zp`: enough to tell ids of one list apart. Words that are no id stay as they are. */
export function shortId(id: string): string {
  const match = /^([a-z]+)_([0-9A-Za-z]{22})$/.exec(id);
  return match ? `${match[1]}_…${match[2]!.slice(-SHOWN)}` : id;
}
