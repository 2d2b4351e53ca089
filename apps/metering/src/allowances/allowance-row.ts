import type { Allowance, Share } from '@tollgate/domain/allowance/book';

export const ALLOWANCE_COLUMNS = `id, scope_id, instance, incarnation, period_id, period_start_ms, period_end_ms,
  generation, granted_cost, granted_tokens, busy_cost, busy_tokens, folded_cost, folded_tokens, charged_cost,
  charged_tokens, state, heard_at_ms`;

/** An allowance, and whose it is. */
export interface AllowanceRow extends Allowance {
  readonly scopeId: string;
}

export interface ShareRow extends Share {
  readonly scopeId: string;
}

type Raw = Record<string, string | null>;

const integer = (value: string | null | undefined) => (value == null ? null : Number(value));

export const toAllowanceRow = (raw: Raw): AllowanceRow => ({
  id: raw['id']!,
  scopeId: raw['scope_id']!,
  holder: { instance: raw['instance']!, incarnation: Number(raw['incarnation']) },
  period: {
    id: raw['period_id']!,
    startMs: integer(raw['period_start_ms']),
    endMs: integer(raw['period_end_ms']),
  },
  generation: Number(raw['generation']),
  granted: { cost: BigInt(raw['granted_cost']!), tokens: BigInt(raw['granted_tokens']!) },
  busy: { cost: BigInt(raw['busy_cost']!), tokens: BigInt(raw['busy_tokens']!) },
  folded: { cost: BigInt(raw['folded_cost']!), tokens: BigInt(raw['folded_tokens']!) },
  charged: { cost: BigInt(raw['charged_cost']!), tokens: BigInt(raw['charged_tokens']!) },
  state: raw['state'] as Allowance['state'],
  heardMs: Number(raw['heard_at_ms']),
});

export const SHARE_COLUMNS = 'scope_id, instance, incarnation, size, uses, heard_at_ms, expires_at_ms';

export const toShareRow = (raw: Raw): ShareRow => ({
  scopeId: raw['scope_id']!,
  holder: { instance: raw['instance']!, incarnation: Number(raw['incarnation']) },
  size: Number(raw['size']),
  uses: Number(raw['uses']),
  heardMs: Number(raw['heard_at_ms']),
  expiresMs: Number(raw['expires_at_ms']),
});
