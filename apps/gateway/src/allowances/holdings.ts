import type { Held } from '@tollgate/domain/allowance/held';
import type { Holding } from '@tollgate/domain/allowance/holding';

/** What an attempt holds of the allowances it was admitted on, until it is settled or released: one of both, once. */
export class Holdings {
  /** @param bound what the attempt may come to at most, taken of each */
  constructor(
    private readonly bound: Held,
    private readonly of: readonly Holding[],
  ) {}

  /** @param used as its record says, be it more than was held */
  settle(used: Held): void {
    for (const holding of this.of) holding.settle(this.bound, used);
  }

  /** For an attempt that was not forwarded. */
  release(): void {
    for (const holding of this.of) holding.release(this.bound);
  }

  /** As the record of the attempt names them, scope → allowance, in JSON. */
  get namesJson(): string {
    let names = '';
    for (const { kind, id } of this.of) names += `${names && ','}"${kind}":"${id}"`;
    return `{${names}}`;
  }
}
