import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What gateways were given of limits, and charges for what nobody will ever tell of. */
export class Allowances1767484800000 implements MigrationInterface {
  readonly name = 'Allowances1767484800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [SCOPES, HOLDERS, ALLOWANCES, SHARES, LEDGER]) await runner.query(sql);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is never dropped by a migration');
  }
}

const SCOPES = `
  ALTER TABLE scopes
    ADD COLUMN request_limit integer,
    ADD COLUMN is_hard boolean NOT NULL DEFAULT false,
    ADD COLUMN recall bigint NOT NULL DEFAULT 0,
    ADD COLUMN recalled_at_ms bigint`;

/** The last call of each gateway: an older one is not carried out. And what is said of its former incarnations. */
const HOLDERS = `
  CREATE TABLE allowance_holders (
    instance text COLLATE "C" PRIMARY KEY,
    incarnation bigint NOT NULL,
    call bigint NOT NULL,
    heard_at_ms bigint NOT NULL,
    finished_before bigint,
    finished_through jsonb
  )`;

/** Amounts in picodollars and tokens; granted, busy and folded are cumulative. */
const ALLOWANCES = `
  CREATE TABLE allowances (
    id text COLLATE "C" PRIMARY KEY,
    scope_id text COLLATE "C" NOT NULL,
    instance text COLLATE "C" NOT NULL,
    incarnation bigint NOT NULL,
    period_id text NOT NULL,
    period_start_ms bigint,
    period_end_ms bigint,
    generation bigint NOT NULL,
    granted_cost numeric(38,0) NOT NULL,
    granted_tokens numeric(38,0) NOT NULL,
    busy_cost numeric(38,0) NOT NULL,
    busy_tokens numeric(38,0) NOT NULL,
    folded_cost numeric(38,0) NOT NULL DEFAULT 0,
    folded_tokens numeric(38,0) NOT NULL DEFAULT 0,
    charged_cost numeric(38,0) NOT NULL DEFAULT 0,
    charged_tokens numeric(38,0) NOT NULL DEFAULT 0,
    state text NOT NULL CHECK (state IN ('held', 'returned', 'lost')),
    heard_at_ms bigint NOT NULL,
    granted_revision bigint NOT NULL
  ) WITH (fillfactor = 50);
  CREATE INDEX allowances_by_scope ON allowances (scope_id);
  CREATE INDEX allowances_by_holder ON allowances (instance, incarnation);
  CREATE UNIQUE INDEX allowances_held_once ON allowances (scope_id, instance, incarnation, period_id, generation)
    WHERE state = 'held'`;

const SHARES = `
  CREATE TABLE window_shares (
    scope_id text COLLATE "C" NOT NULL,
    instance text COLLATE "C" NOT NULL,
    incarnation bigint NOT NULL,
    size integer NOT NULL,
    uses integer NOT NULL,
    heard_at_ms bigint NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (scope_id, instance, incarnation)
  ) WITH (fillfactor = 50)`;

/** A charge counts on one scope alone: of a key it names no team, of a team no key, of the organization neither. */
const LEDGER = `
  ALTER TABLE usage_ledger DROP CONSTRAINT usage_ledger_kind_check;
  ALTER TABLE usage_ledger ADD CONSTRAINT usage_ledger_kind_check
    CHECK (kind IN ('usage', 'credit', 'rerating', 'reconciliation', 'lost'))`;
