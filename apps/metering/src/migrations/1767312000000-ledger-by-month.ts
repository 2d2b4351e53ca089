import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A ledger in months that can be dropped, with corrections beside usage, and a log of what operators did to it. */
export class LedgerByMonth1767312000000 implements MigrationInterface {
  readonly name = 'LedgerByMonth1767312000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [SET_ASIDE, LEDGER, MONTHS, MOVE, OPENING, SCOPES, OPERATIONS]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is never dropped by a migration');
  }
}

const SET_ASIDE = `
  DROP TRIGGER usage_ledger_is_append_only ON usage_ledger;
  ALTER TABLE usage_ledger RENAME TO usage_ledger_before;
  ALTER TABLE usage_ledger_before DROP CONSTRAINT usage_ledger_pkey;
  DROP INDEX usage_ledger_by_key`;

/**
 * Every attempt once, and every correction: totals are a fold of it, and nothing in it ever changes.
 * A correction has the instant and generations of what it corrects, so that it counts where that counts;
 * its tokens are in `tokens_total` alone. Ids are compared byte by byte, which a language's order would slow down.
 */
const LEDGER = `
  CREATE TABLE usage_ledger (
    LIKE usage_ledger_before,
    kind text NOT NULL DEFAULT 'usage' CHECK (kind IN ('usage', 'credit', 'rerating', 'reconciliation')),
    requests smallint NOT NULL DEFAULT 1,
    adjusts text,
    reason text,
    recorded_at timestamptz(3) NOT NULL DEFAULT now(),
    PRIMARY KEY (id, admitted_at),
    CHECK ((kind = 'usage') = (requests = 1))
  ) PARTITION BY RANGE (admitted_at);
  ALTER TABLE usage_ledger ALTER id TYPE text COLLATE "C", ALTER key_id TYPE text COLLATE "C",
    ALTER team_id TYPE text COLLATE "C", ALTER adjusts TYPE text COLLATE "C";
  CREATE INDEX usage_ledger_by_key ON usage_ledger (key_id, admitted_at);
  CREATE INDEX usage_ledger_by_team ON usage_ledger (team_id, admitted_at);
  CREATE INDEX usage_ledger_corrections ON usage_ledger (adjusts) WHERE adjusts IS NOT NULL`;

/** Makes the months (UTC) from one day's to another's. A month is attached, which keeps nobody from reading. */
const MONTHS = `
  CREATE FUNCTION make_ledger_months(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    month date;
    partition text;
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_ledger_months'));
    FOR month IN SELECT generate_series(date_trunc('month', first), last, '1 month') LOOP
      partition := 'usage_ledger_' || to_char(month, 'YYYY_MM');
      CONTINUE WHEN to_regclass(partition) IS NOT NULL;
      EXECUTE format('CREATE TABLE %I (LIKE usage_ledger INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
      EXECUTE format('ALTER TABLE usage_ledger ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', partition,
        month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
      EXECUTE format('CREATE TRIGGER is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I '
        'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', partition);
    END LOOP;
  END $$;
  CREATE TRIGGER is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`;

const MOVE = `
  SET LOCAL statement_timeout = 0;
  SELECT make_ledger_months(min(admitted_at)::date, (max(admitted_at) + interval '1 day')::date)
  FROM usage_ledger_before HAVING count(*) > 0;
  INSERT INTO usage_ledger SELECT * FROM usage_ledger_before;
  DROP TABLE usage_ledger_before`;

/** What a scope used in months that are no longer in the ledger, by the periods that it had when they left. */
const OPENING = `
  CREATE TABLE opening_balances (
    scope_id text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    period_id text NOT NULL,
    month date NOT NULL,
    period_start_ms bigint,
    period_end_ms bigint,
    cost numeric(38,0) NOT NULL,
    tokens numeric(38,0) NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (scope_id, generation, period_id, month)
  )`;

const SCOPES = `
  ALTER TABLE scopes DROP COLUMN recurrence_changed, ADD COLUMN warning_thresholds integer[]`;

/** What operators had done to the ledger and its totals: rebuilds, re-ratings, reconciliations, credits, releases. */
const OPERATIONS = `
  CREATE TABLE operations (
    id text PRIMARY KEY,
    kind text NOT NULL,
    actor text NOT NULL,
    started_at timestamptz(3) NOT NULL,
    ended_at timestamptz(3),
    parameters jsonb NOT NULL,
    result jsonb
  );
  CREATE INDEX operations_by_start ON operations (started_at)`;
