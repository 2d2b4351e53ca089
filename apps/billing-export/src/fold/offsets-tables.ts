import type { OffsetsTable } from '@tollgate/event-store/offsets';

export const USAGE_OFFSETS: OffsetsTable = { topic: 'usage', table: 'billing.usage_offsets' };
export const ADJUSTMENT_OFFSETS: OffsetsTable = {
  topic: 'limit-events',
  table: 'billing.limit_event_offsets',
};
