import type { LimitEvent, UsageAdjusted } from '@tollgate/contracts/events';
import type { KafkaConnection } from '@tollgate/kafka/connection';
import { readTopics } from '@tollgate/kafka/read-topics';
import type { DataSource, EntityManager } from 'typeorm';
import { applyCorrections } from '../corrections/apply-corrections.ts';
import { ensureMonths } from '../ledger/months.ts';
import { recordedOnce } from '../operations/recorded.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { ToldScopes } from './told-scopes.ts';

export interface CaughtUp {
  /** Scopes whose limits, period or generation were told anew since the backup. */
  readonly scopes: number;
  /** Corrections that the ledger did not have. */
  readonly corrections: number;
  /** Meters on the topic: those published from now on are later than these. */
  readonly meters: number;
  readonly applied: boolean;
}

/** What the topics have that a restored database may lack; usage itself is folded when metering runs. */
interface Told {
  readonly scopes: ToldScopes;
  readonly corrections: Map<string, UsageAdjusted>;
  /** Scope → the highest sequence that readers have seen. */
  readonly sequences: Map<string, number>;
  epoch: number;
}

const CORRECTIONS_AT_ONCE = 500;

/**
 * Brings a database that was restored from a backup up to what was told since, while metering does not run: scopes as
 * key-admin last told them, corrections that were made, and how far the meters' sequences had come, so that gateways do
 * not take the next ones for old. What waited in the outbox then is forgotten; every meter is published anew.
 */
export async function catchUp(
  db: DataSource,
  kafka: KafkaConnection,
  { apply, actor }: { readonly apply: boolean; readonly actor: string },
  nowMs: number,
): Promise<CaughtUp> {
  const told = await readTold(kafka);
  const meters = told.sequences.size;
  if (!apply) return { ...(await differing(db, told)), meters, applied: false };
  return recordedOnce(db, { kind: 'restore', actor, parameters: {} }, async () => {
    await ensureMonths(db, nowMs);
    const scopes = await told.scopes.takeOver(db, nowMs);
    let corrections = 0;
    const all = [...told.corrections.values()];
    for (let at = 0; at < all.length; at += CORRECTIONS_AT_ONCE) {
      const some = all.slice(at, at + CORRECTIONS_AT_ONCE);
      corrections += (await db.transaction((sql) => applyCorrections(sql, some, nowMs))).length;
    }
    await db.transaction((sql) => goBeyond(sql, told, nowMs));
    return { scopes, corrections, meters, applied: true };
  });
}

async function readTold(kafka: KafkaConnection): Promise<Told> {
  const told: Told = { scopes: new ToldScopes(), corrections: new Map(), sequences: new Map(), epoch: 0 };
  const noteSequence = ({ scope_id, sequence }: LimitEvent) =>
    told.sequences.set(scope_id, Math.max(sequence, told.sequences.get(scope_id) ?? 0));
  await readTopics(kafka, {
    keys: (batch) => told.scopes.note(batch),
    limits({ events }) {
      for (const { event } of events) {
        if (event.type !== 'tollgate.limit.metered.v1') continue;
        const meter = event.data as LimitEvent;
        noteSequence(meter);
        told.epoch = Math.max(told.epoch, meter.epoch ?? 0);
      }
    },
    'limit-events'({ events }) {
      for (const { event } of events) {
        if (event.type === 'tollgate.usage.adjusted.v1')
          told.corrections.set(event.id, event.data as UsageAdjusted);
        else noteSequence(event.data as LimitEvent);
      }
    },
  });
  return told;
}

async function differing(
  db: DataSource,
  { scopes, corrections }: Told,
): Promise<Pick<CaughtUp, 'scopes' | 'corrections'>> {
  const [{ missing }] = await db.query(
    `SELECT count(*)::int AS missing FROM unnest($1::text[]) AS told (id)
     WHERE NOT EXISTS (SELECT FROM usage_ledger l WHERE l.id = told.id)`,
    [[...corrections.keys()]],
  );
  return { scopes: (await scopes.news(db)).length, corrections: missing };
}

const RAISE = `
  INSERT INTO scopes (scope_id, scope, sequence, publish_due_ms)
  SELECT scope_id, scope, sequence, $4::bigint FROM unnest($1::text[], $2::text[], $3::bigint[])
    AS told (scope_id, scope, sequence)
  ON CONFLICT (scope_id) DO UPDATE SET
    sequence = greatest(scopes.sequence, excluded.sequence), publish_due_ms = excluded.publish_due_ms`;

async function goBeyond(sql: EntityManager, { sequences, epoch }: Told, nowMs: number): Promise<void> {
  await sql.query(`DELETE FROM outbox WHERE topic = 'limits'`);
  await sql.query('UPDATE usage_topic SET epoch = greatest(epoch, $1)', [epoch]);
  const ids = [...sequences.keys()];
  await sql.query(RAISE, [ids, ids.map(scopeKindOf), [...sequences.values()], nowMs]);
}
