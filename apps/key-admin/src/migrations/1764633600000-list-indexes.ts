import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What lists of many keys are found by. Trigrams find a part of a name; PostgreSQL has them in an extension that a
 * server may lack or the role may not be given: there a search reads all names.
 */
const INDEX_NAMES = `
  do $$ begin
    create extension if not exists pg_trgm;
    create index keys_by_part_of_name on keys using gin (name_folded gin_trgm_ops);
  exception when insufficient_privilege or undefined_file or feature_not_supported then
    raise warning 'pg_trgm cannot be had (%): a search for a part of a name reads all of them', sqlerrm;
  end $$`;

const INDEXES = [
  'create index keys_by_team on keys (team_id, created_at, id)',
  'create index keys_by_owner on keys (owner, created_at, id) where owner is not null',
  'create index keys_by_last_four on keys (last_four)',
  `create index keys_by_metadata on keys using gin ((state -> 'metadata') jsonb_path_ops)`,
  'create index keys_live_by_team on keys (team_id) where revoked_at is null',
];

export class ListIndexes1764633600000 implements MigrationInterface {
  name = 'ListIndexes1764633600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const index of [...INDEXES, INDEX_NAMES]) await runner.query(index);
    // With a coarser one, a part that one of its 100 samples has seems to be in a hundredth of all names.
    await runner.query('alter table keys alter column name_folded set statistics 2000');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table keys alter column name_folded set statistics -1');
    await runner.query('drop index if exists keys_by_part_of_name');
    await runner.query(
      'drop index keys_by_team, keys_by_owner, keys_by_last_four, keys_by_metadata, keys_live_by_team',
    );
  }
}
