import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { DataSource, EntityManager } from 'typeorm';
import { FOOT, type Foot, HEAD, type Head, ROW, TABLE, type TableHead } from './backup-file.ts';
import { type BackupPlan, migrationsOf, tablesInOrder } from './tables.ts';

const ROWS_AT_ONCE = 1_000;

export interface BackupProgress {
  readonly table: string;
  readonly rows: number;
}
export interface BackupResult extends Foot {
  readonly file: string;
  readonly taken_at: string;
}

/**
 * Writes all rows of a database to a file, from one snapshot; the service may run meanwhile. A file by that name is
 * whole: what breaks off leaves none. For databases of some 10⁷ rows; larger ones are backed up as PostgreSQL does it.
 */
export async function writeBackup(
  db: DataSource,
  plan: BackupPlan,
  file: string,
  onProgress: (progress: BackupProgress) => void,
): Promise<BackupResult> {
  const runner = db.createQueryRunner();
  const partial = `${file}.part`;
  try {
    await runner.startTransaction('REPEATABLE READ');
    await runner.query('set local statement_timeout = 0');
    await runner.query('set local idle_in_transaction_session_timeout = 0');
    const taken_at = new Date().toISOString();
    const rows: Record<string, number> = {};
    const text = lines(runner.manager, plan, taken_at, rows, onProgress);
    // Nobody else reads it: it has digests of secrets, and what people used.
    const out = createWriteStream(partial, { mode: 0o600 });
    await pipeline(Readable.from(text), createGzip({ level: 1 }), out);
    await rename(partial, file);
    return { file, taken_at, rows };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

async function* lines(
  sql: EntityManager,
  plan: BackupPlan,
  taken_at: string,
  rows: Record<string, number>,
  onProgress: (progress: BackupProgress) => void,
): AsyncGenerator<string> {
  const head: Head = { service: plan.service, taken_at, migrations: await migrationsOf(sql) };
  yield `${HEAD}${JSON.stringify(head)}\n`;
  for (const name of await tablesInOrder(sql)) {
    yield `${TABLE}${JSON.stringify({ name, ...(await spanOf(sql, plan, name)) } satisfies TableHead)}\n`;
    let count = 0;
    await sql.query(
      `declare rows_of_table no scroll cursor for select to_jsonb(t)::text as row from ${name} t`,
    );
    for (;;) {
      const page: { row: string }[] = await sql.query(`fetch ${ROWS_AT_ONCE} from rows_of_table`);
      if (page.length > 0) yield page.map(({ row }) => `${ROW}${row}\n`).join('');
      count += page.length;
      onProgress({ table: name, rows: count });
      if (page.length < ROWS_AT_ONCE) break;
    }
    await sql.query('close rows_of_table');
    rows[name] = count;
  }
  yield `${FOOT}${JSON.stringify({ rows } satisfies Foot)}\n`;
}

async function spanOf(
  sql: EntityManager,
  { parted }: BackupPlan,
  name: string,
): Promise<Pick<TableHead, 'from' | 'to'>> {
  const parts = parted[name];
  if (!parts) return { from: null, to: null };
  const [{ from, to }] = await sql.query(
    `select min(${parts.column})::text as from, max(${parts.column})::text as to from ${name}`,
  );
  return { from, to };
}
