import { outcomeOf } from '@tollgate/service-kit/progress';
import type { DataSource } from 'typeorm';
import { check } from '../src/checks/check.ts';
import { credit } from '../src/corrections/credit.ts';
import { closePeriods } from '../src/limits/close-periods.ts';
import { retire } from '../src/retention/retire.ts';
import {
  applyKeyChange,
  DAY_MS,
  foldBatch,
  givenDatabase,
  keyChanged,
  NOON,
  takeOutbox,
  usageBatch,
  usageRecord,
} from './given.ts';

let db: DataSource;
let drop: () => Promise<void>;

/** A database with all that happens in one: limits, records of two months, some in quarantine, and a credit. */
beforeEach(async () => {
  ({ db, drop } = await givenDatabase());
  const limits = { reset_period: 'daily', tokens: 50 } as const;
  await applyKeyChange(db, keyChanged({ version: 1, limits }), NOON);
  const records = Array.from({ length: 40 }, (_, i) =>
    usageRecord({ id: `r${i}`, key: i % 3 ? 'key_a' : 'key_b', admittedAtMs: NOON - i * DAY_MS }),
  );
  await foldBatch(db, usageBatch(0, 0, records), NOON);
  const hard = { tokens: 50, enforcement: 'hard' } as const;
  await applyKeyChange(db, keyChanged({ id: 'key_c', version: 1, limits: hard }), NOON);
  await credit(
    db,
    { key_id: 'key_a', cost_usd: '0.005', tokens: 3, reason: 'spec', actor: 'adm_spec' },
    NOON,
  );
  await outcomeOf(retire(db, { keep_months: 2, actor: 'adm_spec' }, NOON + 40 * DAY_MS));
  await closePeriods(db, Date.now() + DAY_MS);
  await takeOutbox(db);
});
afterEach(() => drop());

it('finds nothing where nothing is wrong', async () => {
  expect(await check(db)).toEqual({ checks: 8, violated: [] });
});

/** What nobody but the fold should do, and the check that finds it. */
const WRONGS: Record<string, string> = {
  'every-record-counts-once-on-each-scope': `UPDATE totals SET tokens = tokens + 1 WHERE scope_id = 'team_a'`,
  'a-record-is-counted-or-in-quarantine': `
    INSERT INTO usage_quarantine SELECT id, extract(epoch FROM admitted_at) * 1000, 'ahead', 0, 0, now(), '{}'
    FROM usage_ledger WHERE kind = 'usage' LIMIT 1`,
  'a-correction-has-its-record': `
    INSERT INTO usage_ledger SELECT (jsonb_populate_record(usage_ledger,
      '{"id": "adj_spec", "kind": "rerating", "adjusts": "nothing", "cost": 0, "tokens_total": 0, "requests": 0}')).*
    FROM usage_ledger WHERE kind = 'usage' LIMIT 1`,
  'no-meter-tells-of-more-than-was-counted': `
    UPDATE scopes SET published_requests = published_requests + 1000 WHERE scope_id = 'team_a'`,
  'a-period-is-closed-when-it-has-ended': `UPDATE totals SET closed = false WHERE scope_id = 'key_a'`,
  'no-more-is-given-out-than-there-is': `
    INSERT INTO allowances SELECT 'alw_spec', 'key_c', 'gateway-1', 1, 'all', NULL, NULL, 0, 0, 60, 0, 0, 0, 0, 0, 0,
      'held', 0, 1`,
  'no-event-waits': `
    INSERT INTO outbox (topic, key, headers, value, created_at) VALUES ('limits', 'k', '{}', '', now() - interval '1h')`,
  'no-operation-was-cut-short': `
    UPDATE operations SET ended_at = NULL, started_at = now() - interval '2h' WHERE kind = 'credit'`,
};

it.each(Object.keys(WRONGS))('%s: shows where it does not', async (name) => {
  await db.query(WRONGS[name]!);
  const { violated } = await check(db);
  expect(violated).toMatchObject([{ check: name, meaning: expect.stringContaining('Where') }]);
  expect(violated[0]!.count).toBeGreaterThan(0);
  expect(violated[0]!.rows.length).toBeGreaterThan(0);
});
