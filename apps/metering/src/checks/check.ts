import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CheckAnswer } from '@tollgate/contracts/operations-http';
import type { DataSource } from 'typeorm';

const FOLDER = fileURLToPath(new URL('../../../../infra/sql-checks/metering/', import.meta.url));
const MOST_ROWS = 20;

/**
 * Asks the database for what must not be: each check is a query that returns no rows while all is well. All are of
 * one snapshot, so that records may go on being counted meanwhile.
 */
export function check(db: DataSource): Promise<CheckAnswer> {
  return db.transaction('REPEATABLE READ', async (sql) => {
    await sql.query('SET LOCAL transaction_read_only = on');
    // Some of them read the whole ledger.
    await sql.query('SET LOCAL statement_timeout = 0');
    const violated: CheckAnswer['violated'] = [];
    const files = readdirSync(FOLDER).sort();
    for (const file of files) {
      const text = readFileSync(join(FOLDER, file), 'utf8');
      const rows: Record<string, unknown>[] = await sql.query(text);
      if (rows.length === 0) continue;
      violated.push({
        check: basename(file, '.sql'),
        meaning: meaningOf(text),
        count: rows.length,
        rows: rows.slice(0, MOST_ROWS),
      });
    }
    return { checks: files.length, violated };
  });
}

/** The comment that a check begins with: what holds, and what to do where it does not. */
const meaningOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.startsWith('--'))
    .map((line) => line.slice(2).trim())
    .join(' ');
