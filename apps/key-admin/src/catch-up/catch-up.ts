import type { KafkaConnection } from '@tollgate/kafka/connection';
import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { queueScopes } from '../reanchor/queue-scopes.ts';
import { followGroup } from '../webhooks/follow-group.ts';
import { adopt } from './adopt.ts';
import { readTold, type Told } from './told.ts';

export interface CaughtUp {
  /** Scopes on the topic. */
  readonly told: number;
  /** Scopes that were, or would be, taken over from there: what changed since the backup. */
  readonly restored: readonly string[];
  /** Records that had waited in the outbox then, and are older than what is on the topic. */
  readonly forgotten: number;
  readonly applied: boolean;
}

const UNIQUE_VIOLATION = '23505';

/**
 * Brings a database that was restored from a backup up to what was told since: each scope that the topic knows in a
 * later version is taken over from there. What waited in the outbox then is forgotten, since it was told long ago, and
 * would stand on the topic as the last word on its scope; every scope's current record goes out instead.
 */
export async function catchUp(
  db: DataSource,
  kafka: KafkaConnection,
  { apply, ...by }: { readonly apply: boolean; readonly caller: Caller; readonly audit: AuditTrail },
): Promise<CaughtUp> {
  const told = await readTold(kafka);
  const restored: string[] = [];
  let waiting = await later(db, told);
  if (!apply) {
    const [{ forgotten }] = await db.query('select count(*)::int as forgotten from outbox');
    return { told: told.size, restored: waiting, forgotten, applied: false };
  }
  // A name may have gone from one key to another: who has it now is taken over once the other has given it up.
  while (waiting.length > 0) {
    const again: string[] = [];
    for (const id of waiting) {
      try {
        if (await db.transaction((em) => adopt(em, id, told.get(id)!, by))) restored.push(id);
      } catch (error) {
        if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
        again.push(id);
      }
    }
    if (again.length === waiting.length)
      throw new Error(`the names of these are taken by others here: ${again.join(', ')}`);
    waiting = again;
  }
  const [, forgotten] = await db.query(`delete from outbox where topic = 'keys'`);
  await outcomeOf(queueScopes(db));
  await followGroup(db, kafka);
  return { told: told.size, restored, forgotten, applied: true };
}

/** Of the scopes that were told, those in a later version than here: the organization, then teams, then keys. */
async function later(db: DataSource, told: ReadonlyMap<string, Told>): Promise<string[]> {
  const rows: { stream_id: string; version: number }[] = await db.query(
    'select stream_id, version from streams where stream_id = any ($1)',
    [[...told.keys()]],
  );
  const here = new Map(rows.map(({ stream_id, version }) => [stream_id, version]));
  const rank = (id: string) => ['org_', 'team_', 'key_'].findIndex((prefix) => id.startsWith(prefix));
  return [...told]
    .filter(([id, { changed }]) => changed.version > (here.get(id) ?? 0))
    .map(([id]) => id)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
