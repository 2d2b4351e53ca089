import type { DataSource } from 'typeorm';
import { publishLate } from '../src/limits/publish-late.ts';
import {
  applyKeyChange,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  takeOutbox,
  totalsOf,
  usageBatch,
  usageRecord,
} from './given.ts';

let drop: () => Promise<void>;
let db: DataSource;

beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
});
afterEach(() => drop());

it('folds of partitions that share teams, key changes and late publication never wait for each other in a ring', async () => {
  const [partitions, rounds, perBatch] = [4, 15, 20];
  const fold = async (partition: number) => {
    for (let round = 0; round < rounds; round++) {
      const records = Array.from({ length: perBatch }, (_, i) => {
        // Keys of a partition are its own; teams are shared, and come in another order each time.
        const n = (i * 7 + round * 3 + partition) % perBatch;
        const id = `${partition}/${round}/${i}`;
        return usageRecord({ id, key: `key_${partition}_${n}`, team: `team_${n % 5}` });
      });
      await foldBatch(db, usageBatch(partition, round * perBatch, records), NOON);
    }
  };
  const change = async () => {
    for (let version = 1; version <= rounds; version++) {
      for (let p = 0; p < partitions; p++) {
        const limits = { tokens: version, reset_period: (['daily', 'weekly'] as const)[version % 2]! };
        await applyKeyChange(db, keyChanged({ id: `key_${p}_1`, version, limits }), NOON);
      }
    }
  };
  const publish = async () => {
    for (let i = 0; i < rounds; i++) await publishLate(db, NOON + 20_000);
  };
  await Promise.all([...Array.from({ length: partitions }, (_, p) => fold(p)), change(), publish()]);
  const requests = partitions * rounds * perBatch;
  expect(await totalsOf(db, 'org_default')).toEqual({
    '0/all': `${10_000_000_000n * BigInt(requests)} ${requests * 10} ${requests}`,
  });
  const sequences = new Map<string, number>();
  for (const { scope_id, sequence } of await takeOutbox(db)) {
    expect(sequence).toBe((sequences.get(scope_id) ?? 0) + 1);
    sequences.set(scope_id, sequence);
  }
});

it('a consumer that was paused while another took its partition counts nothing again', async () => {
  const records = ['a', 'b'].map((id) => usageRecord({ id }));
  const outcomes = await Promise.all([
    foldBatch(db, usageBatch(0, 0, records), NOON),
    foldBatch(db, usageBatch(0, 0, records), NOON),
    foldBatch(db, usageBatch(0, 0, records), NOON),
  ]);
  expect(outcomes.map(({ recorded }) => recorded).sort()).toEqual([0, 0, 2]);
  expect(outcomes.map(({ alreadyFolded }) => alreadyFolded).sort()).toEqual([0, 2, 2]);
  expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '20000000000 20 2' });
});

it('a fold that is cut off between ledger and offset leaves nothing, and counts all when delivered again', async () => {
  const records = ['a', 'b'].map((id) => usageRecord({ id }));
  const holder = db.createQueryRunner();
  await foldBatch(db, usageBatch(0, 0, [usageRecord({ id: 'before', key: 'key_b' })]), NOON);
  // The fold comes to a halt at the team's row, with the ledger written; then its connection is ended.
  await holder.startTransaction();
  await holder.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  await holder.query(`SELECT FROM scopes WHERE scope_id = 'team_a' FOR UPDATE`);
  const cutOff = expect(foldBatch(db, usageBatch(0, 1, records), NOON)).rejects.toThrow(/terminat/i);
  for (;;) {
    const ended: unknown[] = await db.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (ended.length > 0) break;
  }
  await cutOff;
  await holder.rollbackTransaction();
  await holder.release();

  expect(await totalsOf(db, 'key_a')).toEqual({});
  expect(await foldBatch(db, usageBatch(0, 1, records), NOON)).toMatchObject({ recorded: 2, duplicates: 0 });
  expect(await totalsOf(db, 'key_a')).toEqual({ '0/all': '20000000000 20 2' });
});
