import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Browsers that are signed in, by a digest of what their cookie has. */
export class AdminSessions1764720000000 implements MigrationInterface {
  name = 'AdminSessions1764720000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table admin_sessions (
        digest     text primary key,
        admin_id   text        not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`);
    await runner.query('create index admin_sessions_by_end on admin_sessions (expires_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table admin_sessions');
  }
}
