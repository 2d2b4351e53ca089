import type { Limits } from '@tollgate/contracts/limits';
import { parseUsd } from '@tollgate/contracts/money';
import type { Allowed } from '@tollgate/domain/admission/admit';
import type { Recurrence } from '@tollgate/domain/period';

/** Limits as the hot path reads them, parsed once. */
export interface Plan {
  readonly limits: Limits;
  readonly allowed: Allowed;
  readonly recurrence: Recurrence;
}

/** Different limits remembered at a time; keys beyond have their own. */
const MAX_SHARED = 10_000;

/** Most keys have one of a few sets of limits: those that are equal are one object. */
export class Plans {
  private readonly shared = new Map<string, Plan>();

  of(limits: Limits): Plan {
    const name = JSON.stringify(limits);
    const known = this.shared.get(name);
    if (known) return known;
    const plan = toPlan(limits);
    if (this.shared.size < MAX_SHARED) this.shared.set(name, plan);
    return plan;
  }
}

function toPlan(limits: Limits): Plan {
  const { cost_usd, tokens, requests_per_minute, reset_period, timezone } = limits;
  return {
    limits,
    allowed: {
      costPicodollars: cost_usd === null ? null : parseUsd(cost_usd),
      tokens,
      requestsPerMinute: requests_per_minute,
    },
    recurrence: { resetPeriod: reset_period, timezone },
  };
}
