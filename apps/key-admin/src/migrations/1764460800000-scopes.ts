import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Read models of teams and the organization, and where each scope's last record is on the topic. */
export class Scopes1764460800000 implements MigrationInterface {
  name = 'Scopes1764460800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table teams (
        id          text collate "C" primary key,
        name_folded text collate "C" not null,
        deleted_at  timestamptz,
        version     integer not null,
        state       jsonb   not null
      )`);
    await runner.query('create unique index teams_live_name on teams (name_folded) where deleted_at is null');
    await runner.query(`
      create table organization (
        id      text    primary key,
        version integer not null,
        state   jsonb   not null
      )`);
    await runner.query(`
      create table publications (
        scope_id  text    primary key,
        version   integer not null,
        partition integer not null,
        "offset"  bigint  not null
      )`);
    await runner.query(`
      insert into publications
      select id, published_version, published_partition, published_offset from keys
      where published_version is not null`);
    await runner.query(`
      alter table keys
        drop column published_version, drop column published_partition, drop column published_offset`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table keys
        add column published_version integer, add column published_partition integer,
        add column published_offset bigint`);
    await runner.query(`
      update keys set published_version = p.version, published_partition = p.partition, published_offset = p."offset"
      from publications p where p.scope_id = keys.id`);
    await runner.query('drop table publications, organization, teams');
  }
}
