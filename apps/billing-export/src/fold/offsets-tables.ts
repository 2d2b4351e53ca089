import type { OffsetsTable } from '@tollgate/event-store/offsets';

const reanchor = '`npm run billing -- reanchor --apply`';

export const USAGE_OFFSETS: OffsetsTable = { topic: 'usage', table: 'billing.usage_offsets', reanchor };
export const ADJUSTMENT_OFFSETS: OffsetsTable = {
  topic: 'limit-events',
  table: 'billing.limit_event_offsets',
  reanchor,
};
