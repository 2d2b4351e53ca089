import { type ErrorCode, TollgateError } from '@tollgate/contracts/errors';
import type { LimitReachedDetails } from '@tollgate/contracts/gateway-http';
import type { Dimension } from '@tollgate/contracts/limits';
import { formatUsd } from '@tollgate/contracts/money';
import type { Refusal } from '@tollgate/domain/admission/admit';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import type { Held } from '@tollgate/domain/allowance/held';
import type { Clocks } from '@tollgate/domain/allowance/scope-terms';
import type { ScopeStanding } from './standing.ts';
import { whoseAtFirst } from './whose.ts';

const CODES: Record<Dimension, ErrorCode> = {
  requests_per_minute: 'requests_per_minute_reached',
  cost_usd: 'cost_limit_reached',
  tokens: 'token_limit_reached',
};

/** A 429: which limit was reached, how it stands, and when it opens again. */
export class LimitReached extends TollgateError {
  constructor(
    code: ErrorCode,
    message: string,
    details: LimitReachedDetails,
    /** Seconds until a retry can succeed; `null` where only a person can change that. */
    readonly retryAfterSeconds: number | null,
    /** `false` keeps SDKs from hammering a budget that is used up. */
    readonly worthRetrying: boolean,
  ) {
    super(code, message, { details: { ...details } });
  }
}

export function limitReached(
  { scope: standing, dimension, limit, used }: Refusal<ScopeStanding>,
  allowances: Allowances,
  clocks: Clocks,
): LimitReached {
  const { scope } = standing;
  const { nowMs } = clocks;
  const perMinute = dimension === 'requests_per_minute';
  const account = scope.account(nowMs);
  const period = perMinute ? null : account.periodAt(nowMs);
  const opensAtMs = perMinute ? windowOpensAt(standing, Number(limit), clocks) : (period?.endMs ?? null);
  const held = heldOf(allowances.heldOf(scope, clocks), dimension);
  const details: LimitReachedDetails = {
    scope: scope.kind,
    scope_id: scope.id,
    dimension,
    limit: shown(limit),
    used: shown(used),
    held: shown(held),
    remaining: shown(left(limit, used, held)),
    period: period?.id ?? null,
    resets_at: opensAtMs === null ? null : new Date(opensAtMs).toISOString(),
  };
  const retryAfter = opensAtMs === null ? null : Math.max(1, Math.ceil((opensAtMs - nowMs) / 1_000));
  return new LimitReached(CODES[dimension], sentence(details), details, retryAfter, perMinute);
}

/** Where other gateways have a part of the window, one of them may give it back soon. */
const ELSEWHERE_MS = 1_000;

function windowOpensAt({ scope, inWindow }: ScopeStanding, limit: number, { nowMs, steadyMs }: Clocks) {
  if (inWindow < limit) return nowMs + ELSEWHERE_MS;
  return nowMs + Math.ceil(scope.window.opensAt(steadyMs, limit) - steadyMs);
}

function heldOf({ costPicodollars, tokens }: Held, dimension: Dimension): bigint | number {
  if (dimension === 'requests_per_minute') return 0;
  return dimension === 'cost_usd' ? costPicodollars : tokens;
}

/** What is neither used nor held: not nothing where a request was too large for it. */
function left(limit: bigint | number, used: bigint | number, held: bigint | number): bigint | number {
  if (typeof limit === 'number') return Math.max(0, limit - Number(used) - Number(held));
  const rest = limit - BigInt(used) - BigInt(held);
  return rest < 0n ? 0n : rest;
}

const shown = (amount: bigint | number) => (typeof amount === 'bigint' ? formatUsd(amount) : amount);

function sentence({
  scope,
  dimension,
  limit,
  used,
  held,
  remaining,
  resets_at,
}: LimitReachedDetails): string {
  const who = whoseAtFirst(scope);
  if (dimension === 'requests_per_minute') {
    return `${who} may make ${limit} requests in any 60 seconds, and has. The next one is free at ${resets_at}.`;
  }
  const opens = resets_at
    ? `It resets at ${resets_at}.`
    : 'It does not reset by itself: ask its administrator to raise or reset it.';
  const unit = dimension === 'cost_usd' ? ' USD' : ' tokens';
  // Not used up, then: the request is larger than what is left of it.
  const left = Number(remaining) > 0 || Number(held) > 0;
  const why = left
    ? ` and ${held}${unit} are held for requests under way; what is left is too little for this one`
    : '';
  return `${who} has used ${used}${unit} of its limit of ${limit}${unit}${why}. ${opens}`;
}
