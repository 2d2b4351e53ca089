import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import { parseUsd } from '@tollgate/contracts/money';
import type { Allowed } from '@tollgate/domain/admission/admit';
import { type Period, periodsOf, type Recurrence } from '@tollgate/domain/period';

/** Limits as the hot path reads them, parsed once. */
export interface Plan {
  readonly limits: Limits;
  readonly allowed: Allowed;
  readonly recurrence: Recurrence;
  /** Whether there is any limit. */
  readonly isLimited: boolean;
  /** Whether cost or tokens are never exceeded. */
  readonly isHard: boolean;
  /** Whether enforcement is `hard`, whatever is limited. */
  readonly isStrict: boolean;
  /** Whether metering gives out parts of a limit, instead of each gateway counting by itself. */
  readonly isGivenOut: boolean;
  /** The period that contains an instant. */
  readonly periodAt: (nowMs: number) => Period;
}

/** Different values of a kind that are remembered; keys with others have their own. */
const MAX_REMEMBERED = 10_000;

/** A million keys have a few sets of limits between them: those that are equal are made one object. */
export class EqualValues {
  private readonly plans = new Map<string, Plan>();
  readonly unlimited = toPlan(UNLIMITED);

  plan(limits: Limits): Plan {
    return remembered(this.plans, nameOf(limits), () => toPlan(limits));
  }
}

function remembered<T>(values: Map<string, T>, name: string, make: () => T): T {
  const known = values.get(name);
  if (known !== undefined) return known;
  const value = make();
  if (values.size < MAX_REMEMBERED) values.set(name, value);
  return value;
}

const nameOf = (l: Limits) =>
  `${l.cost_usd} ${l.tokens} ${l.requests_per_minute} ${l.reset_period} ${l.timezone} ${l.enforcement}`;

function toPlan(limits: Limits): Plan {
  const { cost_usd, tokens, requests_per_minute, reset_period, timezone, enforcement } = limits;
  const counted = cost_usd !== null || tokens !== null;
  const recurrence = { resetPeriod: reset_period, timezone };
  const isHard = counted && enforcement === 'hard';
  return {
    limits,
    allowed: {
      costPicodollars: cost_usd === null ? null : parseUsd(cost_usd),
      tokens,
      requestsPerMinute: requests_per_minute,
    },
    recurrence,
    isLimited: counted || requests_per_minute !== null,
    isHard,
    isStrict: enforcement === 'hard',
    isGivenOut: isHard || requests_per_minute !== null,
    periodAt: periodsOf(recurrence),
  };
}
