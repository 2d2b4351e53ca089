import type { KafkaConnection } from '@tollgate/kafka/connection';
import { topicEnds } from '@tollgate/kafka/offsets';
import type { DataSource } from 'typeorm';
import { hasOffsets, insertFirstOffsets } from './sql/offsets.ts';

/**
 * Before the first start of all, everything on the topic is history: notes where it ends, and events before that are
 * passed over. Later starts go on where the last one was, however long ago.
 */
export async function noteFirstOffsets(db: DataSource, connection: KafkaConnection): Promise<void> {
  if (await hasOffsets(db)) return;
  await insertFirstOffsets(db, await topicEnds(connection, 'limit-events'));
}
