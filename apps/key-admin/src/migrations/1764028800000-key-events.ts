import { createOutboxSql } from '@tollgate/event-store/outbox';
import { createStreamSql } from '@tollgate/event-store/stream';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * `keys` is the read model: the latest state of each stream in the same transaction as its events, with what
 * lists filter and sort by, and where its last published record is. Ids and folded names sort by bytes, whatever
 * the database's locale, so that a cursor means the same on every server.
 */
const CREATE_KEYS = `
  create table keys (
    id                  text collate "C" primary key,
    team_id             text        not null,
    name_folded         text collate "C" not null,
    owner               text,
    environment         text,
    enabled             boolean     not null,
    expires_at          timestamptz,
    revoked_at          timestamptz,
    created_at          timestamptz not null,
    last_four           text        not null,
    version             integer     not null,
    state               jsonb       not null,
    published_version   integer,
    published_partition integer,
    published_offset    bigint
  )`;

export class KeyEvents1764028800000 implements MigrationInterface {
  name = 'KeyEvents1764028800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(createStreamSql);
    await runner.query(createOutboxSql);
    await runner.query(CREATE_KEYS);
    await runner.query(
      `create unique index keys_live_name on keys (team_id, name_folded) where revoked_at is null`,
    );
    await runner.query(`create index keys_by_creation on keys (created_at, id)`);
    await runner.query(`create index keys_by_name on keys (name_folded, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table keys, outbox, stream_events, streams');
  }
}
