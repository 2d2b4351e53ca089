import type { Totals } from '@tollgate/domain/metering/meter';
import type { Period } from '@tollgate/domain/period';

/** What a scope has used in one generation and period. */
export interface TotalsRow {
  readonly scopeId: string;
  readonly generation: number;
  readonly period: Period;
  readonly used: Totals;
}

export const TOTALS_COLUMNS =
  'scope_id, generation, period_id, period_start_ms, period_end_ms, cost, tokens, requests';

/** A row of {@link TOTALS_COLUMNS} as the driver returns it. */
export interface RawTotals {
  readonly scope_id: string;
  readonly generation: string;
  readonly period_id: string;
  readonly period_start_ms: string | null;
  readonly period_end_ms: string | null;
  readonly cost: string;
  readonly tokens: string;
  readonly requests: string;
}

const integer = (value: string | null) => (value === null ? null : Number(value));

export const toTotalsRow = (raw: RawTotals): TotalsRow => ({
  scopeId: raw.scope_id,
  generation: Number(raw.generation),
  period: {
    id: raw.period_id,
    startMs: integer(raw.period_start_ms),
    endMs: integer(raw.period_end_ms),
  },
  used: { cost: BigInt(raw.cost), tokens: BigInt(raw.tokens), requests: BigInt(raw.requests) },
});

/** Names a total among those of all scopes. */
export const totalsKey = (total: { scopeId: string; generation: number; period: { id: string } }) =>
  `${total.scopeId} ${total.generation} ${total.period.id}`;
