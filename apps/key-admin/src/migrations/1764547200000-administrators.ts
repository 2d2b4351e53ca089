import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Admin keys, and the audit log. Entries can be added and read, by nobody changed or removed: the trigger says so to
 * whoever tries, and the service's own role gives up the right to. `audit_head` is the last entry's place and hash.
 */
export class Administrators1764547200000 implements MigrationInterface {
  name = 'Administrators1764547200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table admin_keys (
        id           text collate "C" primary key,
        name         text        not null,
        role         text        not null check (role in ('viewer', 'admin', 'owner')),
        team_id      text references teams,
        digest       text        not null,
        pepper       integer     not null,
        last_four    text        not null,
        created_at   timestamptz not null,
        created_by   text        not null,
        expires_at   timestamptz,
        last_used_at timestamptz,
        revoked_at   timestamptz
      )`);
    await runner.query(`
      create table audit_log (
        sequence bigint      primary key,
        at       timestamptz not null,
        actor    text        not null,
        address  text,
        action   text        not null,
        target   text        not null,
        team_id  text,
        before   jsonb,
        after    jsonb,
        hash     text        not null,
        hash_key integer     not null
      )`);
    for (const column of ['actor', 'action', 'target', 'team_id']) {
      await runner.query(`create index audit_log_by_${column} on audit_log (${column}, sequence)`);
    }
    await runner.query('create index audit_log_by_time on audit_log using brin (at)');
    await runner.query('create table audit_head (sequence bigint not null, hash text not null)');
    await runner.query(`insert into audit_head values (0, repeat('0', 64))`);
    await runner.query(`
      create function refuse_audit_change() returns trigger language plpgsql as $$
      begin
        raise exception 'the audit log can be added to and read, and nothing else' using errcode = '42501';
      end $$`);
    await runner.query(`
      create trigger audit_log_is_append_only before update or delete or truncate on audit_log
      for each statement execute function refuse_audit_change()`);
    await runner.query('revoke update, delete, truncate on audit_log from current_user');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_head, audit_log, admin_keys');
    await runner.query('drop function refuse_audit_change');
  }
}
