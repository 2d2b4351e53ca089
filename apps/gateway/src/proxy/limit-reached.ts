import { type ErrorCode, TollgateError } from '@tollgate/contracts/errors';
import type { LimitReachedDetails } from '@tollgate/contracts/gateway-http';
import type { Dimension } from '@tollgate/contracts/limits';
import { formatUsd } from '@tollgate/contracts/money';
import type { Refusal } from '@tollgate/domain/admission/admit';
import type { KeyEntry } from '../key-state/key-entry.ts';

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
  key: KeyEntry,
  { dimension, limit, used }: Refusal,
  nowMs: number,
): LimitReached {
  const perMinute = dimension === 'requests_per_minute';
  const period = perMinute ? null : key.account(nowMs).periodAt(nowMs);
  const opensAtMs = perMinute ? key.window.opensAt(nowMs, Number(limit)) : (period?.endMs ?? null);
  const details: LimitReachedDetails = {
    scope: 'key',
    scope_id: key.id,
    dimension,
    limit: shown(limit),
    used: shown(used),
    held: typeof limit === 'bigint' ? formatUsd(0n) : 0,
    remaining: typeof limit === 'bigint' ? formatUsd(0n) : 0,
    period: period?.id ?? null,
    resets_at: opensAtMs === null ? null : new Date(opensAtMs).toISOString(),
  };
  const retryAfter = opensAtMs === null ? null : Math.max(1, Math.ceil((opensAtMs - nowMs) / 1_000));
  return new LimitReached(CODES[dimension], sentence(details), details, retryAfter, perMinute);
}

const shown = (amount: bigint | number) => (typeof amount === 'bigint' ? formatUsd(amount) : amount);

function sentence({ dimension, limit, used, resets_at }: LimitReachedDetails): string {
  if (dimension === 'requests_per_minute') {
    return `This API key may make ${limit} requests in any 60 seconds, and has. The next one is free at ${resets_at}.`;
  }
  const opens = resets_at
    ? `It resets at ${resets_at}.`
    : 'It does not reset by itself: ask its administrator to raise or reset it.';
  return dimension === 'cost_usd'
    ? `This API key has used ${used} USD of its limit of ${limit} USD. ${opens}`
    : `This API key has used ${used} tokens of its limit of ${limit}. ${opens}`;
}
