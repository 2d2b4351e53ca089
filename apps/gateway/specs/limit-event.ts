import type { LimitEvent } from '@tollgate/contracts/events';

/** A meter as metering publishes it, of a scope that has no limit and used nothing unless said. */
export const limitEvent = (
  event: Partial<LimitEvent> & Pick<LimitEvent, 'scope' | 'scope_id' | 'sequence'>,
): LimitEvent => ({
  period: { id: 'all', start: null, end: null },
  generation: 0,
  limit_revision: 1,
  limit: { cost_usd: null, tokens: null },
  used: { cost_usd: '0.00', tokens: 0, requests: 0 },
  blocked: [],
  resets_at: null,
  reason: 'usage',
  ...event,
});
