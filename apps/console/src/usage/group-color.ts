import { OTHER } from './series.ts';

/** The colour of a group by its place among those that are drawn. */
export const colorOf = (group: string, place: number): string =>
  group === OTHER ? 'var(--series-other)' : `var(--series-${place + 1})`;
