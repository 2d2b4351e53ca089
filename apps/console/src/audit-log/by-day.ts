import { onDay } from '../figures/instant.ts';

export interface Day<Entry> {
  /** `Nov 25, 2026`, in the viewer's zone. */
  readonly day: string;
  readonly entries: readonly Entry[];
}

/** Entries that are in order, by the day that they are of. */
export function byDay<Entry extends { readonly at: string }>(entries: readonly Entry[]): Day<Entry>[] {
  const days: { day: string; entries: Entry[] }[] = [];
  for (const entry of entries) {
    const day = onDay(entry.at);
    const last = days.at(-1);
    if (last?.day === day) last.entries.push(entry);
    else days.push({ day, entries: [entry] });
  }
  return days;
}
