import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a re-rating needs: the parts of token classes that models price by themselves, and a way to records by time.
 * And room beside the totals, for the fold.
 */
export class TokenParts1767398400000 implements MigrationInterface {
  readonly name = 'TokenParts1767398400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE usage_ledger ADD COLUMN tokens_parts jsonb');
    // Records come in about the order of their admission: a few bytes for each 128 pages find those of a time.
    await runner.query(
      'CREATE INDEX usage_ledger_by_time ON usage_ledger USING brin (admitted_at) WITH (autosummarize)',
    );
    // Rows that are updated all the time find room on their page, so that no index has to follow them.
    for (const table of ['totals', 'scopes'])
      await runner.query(`ALTER TABLE ${table} SET (fillfactor = 50)`);
  }

  async down(): Promise<void> {
    throw new Error('the ledger is never dropped by a migration');
  }
}
