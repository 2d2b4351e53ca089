import { createOutboxSql } from '@tollgate/event-store/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Money is numeric(38,0) picodollars; `_ms` columns are ms since the epoch. */
export class LedgerAndTotals1767225600000 implements MigrationInterface {
  readonly name = 'LedgerAndTotals1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [OFFSETS, LEDGER, QUARANTINE, SCOPES, TOTALS, HISTORY, createOutboxSql]) {
      await runner.query(sql);
    }
  }

  async down(): Promise<void> {
    throw new Error('the ledger is never dropped by a migration');
  }
}

/** How far each usage partition is folded: the truth about progress. A null offset: nothing read yet. */
const OFFSETS = `
  CREATE TABLE usage_offsets (
    partition integer PRIMARY KEY,
    next_offset bigint
  )`;

/** Every attempt once. Append-only: totals are a fold of it, and corrections are new rows. */
const LEDGER = `
  CREATE TABLE usage_ledger (
    id text NOT NULL,
    admitted_at timestamptz(3) NOT NULL,
    settled_at timestamptz(3) NOT NULL,
    key_id text NOT NULL,
    team_id text NOT NULL,
    generation_key bigint NOT NULL,
    generation_team bigint NOT NULL,
    generation_organization bigint NOT NULL,
    gateway text NOT NULL,
    gateway_sequence bigint NOT NULL,
    endpoint text NOT NULL,
    provider text NOT NULL,
    model text NOT NULL,
    upstream_model text NOT NULL,
    status text NOT NULL,
    http_status bigint,
    streamed boolean NOT NULL,
    client_ip text,
    tokens_input bigint NOT NULL,
    tokens_cached_input bigint NOT NULL,
    tokens_cache_write bigint NOT NULL,
    tokens_output bigint NOT NULL,
    tokens_reasoning bigint NOT NULL,
    tokens_total bigint NOT NULL,
    quality text NOT NULL,
    cost numeric(38,0),
    price_version text,
    latency_ms double precision NOT NULL,
    first_token_ms double precision,
    metadata jsonb NOT NULL,
    PRIMARY KEY (id, admitted_at)
  );
  CREATE INDEX usage_ledger_by_key ON usage_ledger (key_id, admitted_at);
  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
  CREATE TRIGGER usage_ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON usage_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`;

/** Records that cannot be counted where they say they belong; kept whole, counted nowhere. */
const QUARANTINE = `
  CREATE TABLE usage_quarantine (
    id text NOT NULL,
    admitted_at_ms bigint NOT NULL,
    reason text NOT NULL,
    partition integer NOT NULL,
    record_offset bigint NOT NULL,
    quarantined_at timestamptz(3) NOT NULL,
    record jsonb NOT NULL,
    PRIMARY KEY (id, admitted_at_ms)
  )`;

/** What metering knows of a scope, and what it last published of it. Version 0: not heard of, only used. */
const SCOPES = `
  CREATE TABLE scopes (
    scope_id text COLLATE "C" PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('key', 'team', 'organization')),
    team_id text,
    version bigint NOT NULL DEFAULT 0,
    reset_period text NOT NULL DEFAULT 'never',
    timezone text NOT NULL DEFAULT 'UTC',
    cost_limit numeric(38,0),
    token_limit bigint,
    limit_revision bigint NOT NULL DEFAULT 0,
    generation bigint NOT NULL DEFAULT 0,
    recurrence_changed boolean NOT NULL DEFAULT false,
    sequence bigint NOT NULL DEFAULT 0,
    last_used_ms bigint,
    published_period_id text,
    published_generation bigint,
    published_revision bigint,
    published_cost numeric(38,0),
    published_tokens numeric(38,0),
    published_requests bigint,
    published_at_ms bigint,
    publish_due_ms bigint
  );
  CREATE INDEX scopes_due ON scopes (publish_due_ms) WHERE publish_due_ms IS NOT NULL`;

/** Tokens are numeric here, so that no sum can overflow and hold up a partition. */
const TOTALS = `
  CREATE TABLE totals (
    scope_id text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    period_id text NOT NULL,
    period_start_ms bigint,
    period_end_ms bigint,
    cost numeric(38,0) NOT NULL,
    tokens numeric(38,0) NOT NULL,
    requests bigint NOT NULL,
    closed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scope_id, generation, period_id)
  );
  CREATE INDEX totals_to_close ON totals (period_end_ms) WHERE NOT closed AND period_end_ms IS NOT NULL`;

/** Warnings, breaches and resets; the id makes each happen once. */
const HISTORY = `
  CREATE TABLE limit_history (
    id text PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    scope_id text COLLATE "C" NOT NULL,
    at timestamptz(3) NOT NULL,
    kind text NOT NULL,
    period_id text NOT NULL,
    generation bigint NOT NULL,
    dimension text,
    threshold integer,
    cost numeric(38,0) NOT NULL,
    tokens numeric(38,0) NOT NULL,
    requests bigint NOT NULL,
    reason text NOT NULL
  );
  CREATE INDEX limit_history_by_scope ON limit_history (scope_id, position DESC)`;
