import type { FinishedBody } from '@tollgate/contracts/allowances-http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { DataSource } from 'typeorm';
import { databaseClock } from './sql/database-clock.ts';
import { noteFinished } from './sql/finished.ts';

/**
 * Notes that a gateway's former incarnations have ended. What they had is freed when their records are counted.
 * @throws TollgateError `stale_call` where a later incarnation was heard
 */
export async function noteHolderFinished(
  db: DataSource,
  { instance, incarnation, through }: FinishedBody,
): Promise<void> {
  const nowMs = await databaseClock(db.manager);
  if (await noteFinished(db.manager, instance, incarnation, through, nowMs)) return;
  throw new TollgateError('stale_call', 'A later process of this gateway was heard: this changes nothing.');
}
