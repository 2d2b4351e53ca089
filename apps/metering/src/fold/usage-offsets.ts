import type { OffsetsTable } from '@tollgate/event-store/offsets';

/**
 * Usage partition → next offset. Read after a scope's lock was taken, every record before it that counts on
 * that scope is in the scope's totals: a fold moves its offsets and frees its scopes in one commit.
 */
export const USAGE_OFFSETS: OffsetsTable = { topic: 'usage', table: 'usage_offsets' };
