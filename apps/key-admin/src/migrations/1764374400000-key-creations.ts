import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which `Idempotency-Key` made which key; never the key's secret. */
export class KeyCreations1764374400000 implements MigrationInterface {
  name = 'KeyCreations1764374400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table key_creations (
        actor           text        not null,
        idempotency_key text        not null,
        body_sha256     text        not null,
        key_id          text        not null,
        claimed_at      timestamptz not null default now(),
        primary key (actor, idempotency_key)
      )`);
    await runner.query('create index key_creations_by_age on key_creations (claimed_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table key_creations');
  }
}
