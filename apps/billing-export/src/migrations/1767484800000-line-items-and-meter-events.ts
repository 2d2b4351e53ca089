import { createOffsetsSql } from '@tollgate/event-store/offsets';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ADJUSTMENT_OFFSETS, USAGE_OFFSETS } from '../fold/offsets-tables.ts';

/** Money is numeric(38,0) picodollars. Whoever reads the tables from outside finds them in the schema `billing`. */
export class LineItemsAndMeterEvents1767484800000 implements MigrationInterface {
  readonly name = 'LineItemsAndMeterEvents1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    const offsets = [USAGE_OFFSETS, ADJUSTMENT_OFFSETS].map(({ table }) => createOffsetsSql(table));
    for (const sql of [
      'CREATE SCHEMA billing',
      ...offsets,
      SEEN,
      REFUSED,
      LINE_ITEMS,
      METER_LINES,
      METER_EVENTS,
      OPERATIONS,
    ]) {
      await runner.query(sql);
    }
  }

  async down(): Promise<void> {
    throw new Error('what was billed is never dropped by a migration');
  }
}

/**
 * The records that count, by which a duplicate is recognised. Those of usage are kept by day of admission, so that
 * a day that nobody can repeat any more costs a DROP TABLE; corrections are few.
 */
const SEEN = `
  CREATE TABLE billing.seen_usage (
    id text COLLATE "C" NOT NULL,
    admitted_at timestamptz(3) NOT NULL,
    PRIMARY KEY (id, admitted_at)
  ) PARTITION BY RANGE (admitted_at);
  CREATE FUNCTION billing.make_seen_days(first date, last date) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE day date;
    BEGIN
      FOR day IN SELECT generate_series(first, last, interval '1 day')::date LOOP
        CONTINUE WHEN to_regclass('billing.seen_usage_' || to_char(day, 'YYYY_MM_DD')) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('billing.make_seen_days'));
        EXECUTE format(
          'CREATE TABLE IF NOT EXISTS billing.%I PARTITION OF billing.seen_usage FOR VALUES FROM (%L) TO (%L)',
          'seen_usage_' || to_char(day, 'YYYY_MM_DD'),
          to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00',
          to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
      END LOOP;
    END $$;
  CREATE TABLE billing.seen_adjustments (
    id text COLLATE "C" NOT NULL,
    admitted_at timestamptz(3) NOT NULL,
    seen_at timestamptz(3) NOT NULL,
    PRIMARY KEY (id, admitted_at)
  );
  CREATE INDEX seen_adjustments_by_age ON billing.seen_adjustments (seen_at)`;

/** Records that cannot be billed where they say they belong; kept whole. Released ones stay, to be known again. */
const REFUSED = `
  CREATE TABLE billing.refused_records (
    id text COLLATE "C" NOT NULL,
    admitted_at timestamptz(3) NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    refused_at timestamptz(3) NOT NULL,
    released_at timestamptz(3),
    record jsonb NOT NULL,
    PRIMARY KEY (id, admitted_at)
  );
  CREATE INDEX refused_records_waiting ON billing.refused_records (refused_at, id) WHERE released_at IS NULL`;

/** Tokens are numeric, so that no sum can overflow and hold up a partition. */
const LINE_ITEMS = `
  CREATE TABLE billing.line_items (
    hour timestamptz(0) NOT NULL,
    team_id text COLLATE "C" NOT NULL,
    key_id text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL CHECK (kind IN ('usage', 'adjustment')),
    requests bigint NOT NULL,
    unpriced_requests bigint NOT NULL,
    tokens_input numeric(38,0) NOT NULL,
    tokens_cached_input numeric(38,0) NOT NULL,
    tokens_cache_write numeric(38,0) NOT NULL,
    tokens_output numeric(38,0) NOT NULL,
    tokens_reasoning numeric(38,0) NOT NULL,
    tokens_total numeric(38,0) NOT NULL,
    cost numeric(38,0) NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz(3) NOT NULL,
    PRIMARY KEY (hour, team_id, key_id, provider, model, kind)
  );
  CREATE INDEX line_items_by_team ON billing.line_items (team_id, hour);
  CREATE INDEX line_items_by_key ON billing.line_items (key_id, hour)`;

/** What was written to each meter of each team, in whole units; locked by whoever writes more. */
const METER_LINES = `
  CREATE TABLE billing.meter_lines (
    team_id text COLLATE "C" NOT NULL,
    event_name text COLLATE "C" NOT NULL,
    unit text NOT NULL,
    first_hour timestamptz(0) NOT NULL,
    closed_to timestamptz(0) NOT NULL,
    written numeric(38,0) NOT NULL DEFAULT 0,
    PRIMARY KEY (team_id, event_name)
  )`;

/** Written once, by the transaction that moves its line on; only what became of it changes. */
const METER_EVENTS = `
  CREATE TABLE billing.meter_events (
    identifier text COLLATE "C" PRIMARY KEY,
    team_id text COLLATE "C" NOT NULL,
    stripe_customer_id text NOT NULL,
    event_name text COLLATE "C" NOT NULL,
    hour timestamptz(0) NOT NULL,
    stamped_at timestamptz(0) NOT NULL,
    value numeric(38,0) NOT NULL CHECK (value > 0),
    cumulative numeric(38,0) NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sent', 'held', 'failed')),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz(3) NOT NULL,
    unknown_since timestamptz(3),
    sent_at timestamptz(3),
    problem text,
    UNIQUE (team_id, event_name, hour),
    FOREIGN KEY (team_id, event_name) REFERENCES billing.meter_lines
  );
  CREATE INDEX meter_events_due ON billing.meter_events (due_at) WHERE state = 'pending';
  CREATE INDEX meter_events_unsent ON billing.meter_events (state) WHERE state <> 'sent';
  CREATE INDEX meter_events_by_hour ON billing.meter_events (hour, identifier);
  CREATE FUNCTION billing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'what % says is never changed', TG_TABLE_NAME; END $$;
  CREATE TRIGGER meter_events_say_the_same BEFORE UPDATE OF identifier, team_id, stripe_customer_id, event_name,
    hour, stamped_at, value, cumulative ON billing.meter_events
    FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();
  CREATE TRIGGER meter_events_stay BEFORE DELETE OR TRUNCATE ON billing.meter_events
    FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change()`;

/** Who did what by hand, and what came of it. */
const OPERATIONS = `
  CREATE TABLE billing.operations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz(3) NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    parameters jsonb NOT NULL,
    result jsonb NOT NULL
  )`;
