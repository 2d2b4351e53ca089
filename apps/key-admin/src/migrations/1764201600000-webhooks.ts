import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets must sign, so they are kept, but encrypted: each with the version of the pepper that its key derives from. */
const CREATE_WEBHOOKS = `
  create table webhooks (
    id              text collate "C" primary key,
    url             text        not null,
    description     text,
    events          text[],
    enabled         boolean     not null,
    disabled_reason text,
    secrets         jsonb       not null,
    created_at      timestamptz not null,
    created_by      text        not null,
    updated_at      timestamptz not null
  )`;

/**
 * What is to be told to whom, and how that went. A sender takes a delivery by a lease: it moves \`due_at\` to when
 * the lease ends, so a delivery whose sender died is due again by itself.
 */
const CREATE_DELIVERIES = `
  create table webhook_deliveries (
    id          text collate "C" primary key,
    webhook_id  text collate "C" not null references webhooks on delete cascade,
    event_id    text        not null,
    type        text        not null,
    body        text        not null,
    state       text        not null check (state in ('pending', 'delivered', 'failed', 'expired')),
    created_at  timestamptz not null,
    due_at      timestamptz check ((due_at is not null) = (state = 'pending')),
    lease       text,
    failures    integer     not null default 0,
    tried_since timestamptz not null,
    attempts    jsonb       not null default '[]',
    unique (webhook_id, event_id)
  )`;

const CREATE_OFFSETS = `
  create table webhook_offsets (
    partition   integer primary key,
    next_offset bigint  not null
  )`;

const CREATE_NOTICES = `
  create table webhook_notices (
    key_id      text        not null,
    expires_at  timestamptz not null,
    within_days integer     not null,
    primary key (key_id, expires_at, within_days)
  )`;

export class Webhooks1764201600000 implements MigrationInterface {
  name = 'Webhooks1764201600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const create of [CREATE_WEBHOOKS, CREATE_DELIVERIES, CREATE_OFFSETS, CREATE_NOTICES]) {
      await runner.query(create);
    }
    await runner.query(
      `create index webhook_deliveries_due on webhook_deliveries (webhook_id, due_at, id) where state = 'pending'`,
    );
    await runner.query(`create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id)`);
    await runner.query(`create index webhook_deliveries_by_creation on webhook_deliveries (created_at)`);
    await runner.query(`create index keys_by_expiry on keys (expires_at) where revoked_at is null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index keys_by_expiry');
    await runner.query('drop table webhook_notices, webhook_offsets, webhook_deliveries, webhooks');
  }
}
