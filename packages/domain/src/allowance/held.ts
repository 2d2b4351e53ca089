/** What attempts under way may come to, at most. Cost in picodollars. */
export interface Held {
  readonly costPicodollars: bigint;
  readonly tokens: number;
}

export const NOTHING: Held = { costPicodollars: 0n, tokens: 0 };

/** Added up in place: every request changes several such sums, and a sum anew each time is one to collect. */
export class HeldSum implements Held {
  costPicodollars = 0n;
  tokens = 0;

  add({ costPicodollars, tokens }: Held): void {
    this.costPicodollars += costPicodollars;
    this.tokens += tokens;
  }

  subtract({ costPicodollars, tokens }: Held): void {
    this.costPicodollars -= costPicodollars;
    this.tokens -= tokens;
  }
}
