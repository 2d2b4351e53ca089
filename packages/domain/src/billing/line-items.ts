export const HOUR_MS = 3_600_000;

/** The hour (UTC) that contains an instant, by its first millisecond. */
export const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS) * HOUR_MS;

export interface ItemTokens {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly total: bigint;
}

/** What can be added up of a record: attempts, those without a price, tokens, and picodollars. */
export interface ItemSums {
  readonly requests: bigint;
  readonly unpriced: bigint;
  readonly tokens: ItemTokens;
  readonly cost: bigint;
}

/** What a line is about, but for its hour. */
export interface ItemLine {
  readonly teamId: string;
  readonly keyId: string;
  readonly provider: string;
  readonly model: string;
  readonly kind: 'usage' | 'adjustment';
}

/** A record or correction as it is billed. */
export interface BillableFact {
  readonly line: ItemLine;
  readonly admittedAtMs: number;
  readonly sums: ItemSums;
}

/** What a batch adds to one line item. */
export interface ItemDelta {
  readonly hourMs: number;
  readonly line: ItemLine;
  readonly added: ItemSums;
}

/** Adds facts up by hour of admission and line: in whatever order they come, and however they are split, to the same. */
export function foldItems(facts: readonly BillableFact[]): ItemDelta[] {
  const deltas = new Map<string, ItemDelta>();
  for (const { line, admittedAtMs, sums } of facts) {
    const hourMs = hourOf(admittedAtMs);
    const { teamId, keyId, provider, model, kind } = line;
    const place = JSON.stringify([hourMs, teamId, keyId, provider, model, kind]);
    const delta = deltas.get(place);
    deltas.set(place, { hourMs, line, added: delta ? plus(delta.added, sums) : sums });
  }
  return [...deltas.values()];
}

export const plus = (a: ItemSums, b: ItemSums): ItemSums => ({
  requests: a.requests + b.requests,
  unpriced: a.unpriced + b.unpriced,
  tokens: {
    input: a.tokens.input + b.tokens.input,
    cachedInput: a.tokens.cachedInput + b.tokens.cachedInput,
    cacheWrite: a.tokens.cacheWrite + b.tokens.cacheWrite,
    output: a.tokens.output + b.tokens.output,
    reasoning: a.tokens.reasoning + b.tokens.reasoning,
    total: a.tokens.total + b.tokens.total,
  },
  cost: a.cost + b.cost,
});
