import type { KafkaConnection } from '@tollgate/kafka/connection';
import { committedOffsets } from '@tollgate/kafka/offsets';
import type { DataSource } from 'typeorm';
import { raiseOffsets, WEBHOOK_OFFSETS } from './sql/offsets.ts';

/** Instances of key-admin share the limit events, of which each becomes deliveries once. */
export const WEBHOOKS_GROUP = 'webhooks';

/**
 * After a restore: what the group has read since the backup was told then, and goes to nobody again. Without this the
 * database would say that it waits.
 */
export async function followGroup(db: DataSource, connection: KafkaConnection): Promise<void> {
  await raiseOffsets(db, await committedOffsets(connection, WEBHOOKS_GROUP, WEBHOOK_OFFSETS.topic));
}
