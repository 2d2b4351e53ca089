import type { HistoryEntry } from '@tollgate/contracts/metering-http';
import { type Crossing, crossingId, resetId } from '@tollgate/domain/metering/breach';
import type { ScopeMeter } from '@tollgate/domain/metering/meter';
import type { Reason } from './limit-event.ts';

/** A warning, breach or reset of a scope: published once, and kept for the overview. */
export interface Notice {
  readonly id: string;
  readonly kind: HistoryEntry['kind'];
  /** The meter as it stood: of a reset, the one that ended. */
  readonly meter: ScopeMeter;
  readonly reason: Reason;
  readonly dimension: 'cost_usd' | 'tokens' | null;
  readonly threshold: number | null;
}

export const crossingNotice = (meter: ScopeMeter, crossing: Crossing, reason: Reason): Notice => ({
  id: crossingId(meter, crossing),
  kind: crossing.kind === 'warned' ? 'limit.warned' : 'limit.breached',
  meter,
  reason,
  dimension: crossing.dimension,
  threshold: crossing.kind === 'warned' ? crossing.threshold : null,
});

export const resetNotice = (ended: ScopeMeter, reason: 'period' | 'manual'): Notice => ({
  id: resetId(ended),
  kind: 'limit.reset',
  meter: ended,
  reason,
  dimension: null,
  threshold: null,
});
