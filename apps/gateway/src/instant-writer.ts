/** Writes instants as RFC 3339 in UTC. Most of one kind are the same as the one before, which is kept. */
export function instantWriter(): (ms: number) => string {
  let latestMs = Number.NaN;
  let latest = '';
  return (ms) => {
    if (ms !== latestMs) {
      latestMs = ms;
      latest = new Date(ms).toISOString();
    }
    return latest;
  };
}
