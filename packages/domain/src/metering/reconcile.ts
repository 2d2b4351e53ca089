/** What a provider and the ledger both tell of a day and model. Input has cached input and cache writes in it. */
export const FIGURES = ['requests', 'input', 'cached_input', 'cache_write', 'output', 'cost'] as const;
export type Figure = (typeof FIGURES)[number];
/** Counts, and cost in picodollars. What is not told is absent. */
export type Figures = { readonly [Name in Figure]?: bigint };

export interface DayFigures {
  /** UTC: `2026-11-23`. */
  readonly day: string;
  /** As whoever tells it calls it. */
  readonly model: string;
  readonly figures: Figures;
}

export interface ReconciledDay {
  readonly day: string;
  readonly model: string;
  readonly theirs: Figures;
  readonly ours: Figures;
  /** What they have more than we. */
  readonly difference: Figures;
  readonly differs: boolean;
}

/**
 * Sets a provider's figures beside the ledger's, by day and model, for the figures that the provider tells. Models
 * are the same where their names are, whatever date or punctuation they carry.
 *
 * @param toleranceBasisPoints how far figures may be apart and still be equal, in 1/10 000 of the larger
 */
export function reconcile(
  theirs: readonly DayFigures[],
  ours: readonly DayFigures[],
  toleranceBasisPoints: number,
): { readonly days: ReconciledDay[]; readonly total: ReconciledDay } {
  const told = FIGURES.filter((name) => theirs.some(({ figures }) => figures[name] !== undefined));
  const days = new Map<string, { day: string; model: string; theirs: Figures; ours: Figures }>();
  const at = ({ day, model }: DayFigures) => {
    const key = `${day} ${modelKey(model)}`;
    const found = days.get(key) ?? { day, model, theirs: zero(told), ours: zero(told) };
    days.set(key, found);
    return found;
  };
  for (const one of theirs) {
    const found = at(one);
    found.theirs = add(told, found.theirs, one.figures);
  }
  for (const one of ours) {
    const found = at(one);
    found.ours = add(told, found.ours, one.figures);
  }
  const compare = (day: string, model: string, their: Figures, our: Figures): ReconciledDay => ({
    day,
    model,
    theirs: their,
    ours: our,
    difference: subtract(told, their, our),
    differs: told.some((name) => isApart(their[name]!, our[name]!, toleranceBasisPoints)),
  });
  const sum = (side: 'theirs' | 'ours') =>
    [...days.values()].reduce((all: Figures, day) => add(told, all, day[side]), zero(told));
  return {
    days: [...days.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { day, model, theirs: their, ours: our }]) => compare(day, model, their, our)),
    total: compare('', '', sum('theirs'), sum('ours')),
  };
}

const SNAPSHOT = /[-@ ]\d{4}-?\d{2}-?\d{2}$|-latest$/;
/** `claude-haiku-4-5-20251001` and "Claude Haiku 4.5", `gpt-4o-2024-08-06` and `gpt-4o` are one model. */
export const modelKey = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(SNAPSHOT, '')
    .replace(/[^a-z0-9]/g, '');

const zero = (names: readonly Figure[]): Figures => Object.fromEntries(names.map((name) => [name, 0n]));

const add = (names: readonly Figure[], a: Figures, b: Figures): Figures =>
  Object.fromEntries(names.map((name) => [name, (a[name] ?? 0n) + (b[name] ?? 0n)]));

const subtract = (names: readonly Figure[], a: Figures, b: Figures): Figures =>
  Object.fromEntries(names.map((name) => [name, (a[name] ?? 0n) - (b[name] ?? 0n)]));

const size = (amount: bigint) => (amount < 0n ? -amount : amount);

function isApart(a: bigint, b: bigint, basisPoints: number): boolean {
  const allowed = (of: bigint) => size(of) * BigInt(basisPoints);
  const apart = size(a - b) * 10_000n;
  return apart > allowed(a) && apart > allowed(b);
}
