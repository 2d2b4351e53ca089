import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { DataSource, EntityManager } from 'typeorm';
import { FOOT, type Foot, HEAD, type Head, ROW, TABLE, type TableHead } from './backup-file.ts';
import { type BackupPlan, migrationsOf, tablesInOrder } from './tables.ts';
import type { BackupProgress } from './write-backup.ts';

const ROWS_AT_ONCE = 500;

export interface RestoreResult extends Foot {
  readonly taken_at: string;
  readonly applied: boolean;
}

/**
 * Puts a backup into a database that is migrated and otherwise empty, in one transaction. Without `apply` it does all of
 * that, and then undoes it: the file is whole, and fits.
 * @throws Error that says what is in the way
 */
export async function restoreBackup(
  db: DataSource,
  plan: BackupPlan,
  { file, apply }: { readonly file: string; readonly apply: boolean },
  onProgress: (progress: BackupProgress) => void,
): Promise<RestoreResult> {
  const runner = db.createQueryRunner();
  try {
    await runner.startTransaction();
    const sql = runner.manager;
    await sql.query('set local statement_timeout = 0');
    await sql.query('set local idle_in_transaction_session_timeout = 0');
    await requireEmpty(sql, plan);
    const { head, rows } = await load(sql, plan, file, onProgress);
    await raiseSequences(sql);
    if (apply) await runner.commitTransaction();
    return { taken_at: head.taken_at, rows, applied: apply };
  } finally {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    await runner.release();
  }
}

async function requireEmpty(sql: EntityManager, { service, seeded }: BackupPlan): Promise<void> {
  for (const name of await tablesInOrder(sql)) {
    if (seeded.includes(name)) {
      await sql.query(`delete from ${name}`);
      continue;
    }
    const [{ exists }] = await sql.query(`select exists (select from ${name}) as exists`);
    if (exists) {
      throw new Error(
        `${name} has rows: a backup of ${service} is restored into a new, empty database, before the service is started on it.`,
      );
    }
  }
}

async function load(
  sql: EntityManager,
  plan: BackupPlan,
  file: string,
  onProgress: (progress: BackupProgress) => void,
): Promise<{ head: Head; rows: Foot['rows'] }> {
  let head: Head | undefined;
  let foot: Foot | undefined;
  let table = '';
  let waiting: string[] = [];
  const rows: Record<string, number> = {};
  const insert = async () => {
    if (waiting.length === 0) return;
    await sql.query(
      `insert into ${table} overriding system value select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [`[${waiting.join(',')}]`],
    );
    rows[table]! += waiting.length;
    waiting = [];
    onProgress({ table, rows: rows[table]! });
  };
  for await (const line of createInterface({ input: createReadStream(file).pipe(createGunzip()) })) {
    const [kind, text] = [line[0], line.slice(1)];
    if (kind === ROW) {
      waiting.push(text);
      if (waiting.length >= ROWS_AT_ONCE) await insert();
      continue;
    }
    await insert();
    if (kind === HEAD) {
      head = JSON.parse(text) as Head;
      await requireFitting(sql, plan, head);
    } else if (kind === TABLE) {
      const { name, from, to } = JSON.parse(text) as TableHead;
      if (!(await tablesInOrder(sql)).includes(name)) throw new Error(`there is no table ${name} here`);
      table = name;
      rows[table] = 0;
      if (from !== null) await sql.query(plan.parted[table]!.make, [from, to]);
    } else if (kind === FOOT) foot = JSON.parse(text) as Foot;
  }
  if (!head || !foot) throw new Error(`${file} is not whole: it ends before its end; take another backup.`);
  if (JSON.stringify(foot.rows) !== JSON.stringify(rows))
    throw new Error(`${file} is not as it was written.`);
  return { head, rows };
}

async function requireFitting(sql: EntityManager, { service }: BackupPlan, head: Head): Promise<void> {
  if (head.service !== service) throw new Error(`this is a backup of ${head.service}, not of ${service}`);
  const here = await migrationsOf(sql);
  if (JSON.stringify(here) === JSON.stringify(head.migrations)) return;
  throw new Error(
    'the backup is of another release: restore it with the release that took it, whose last migration is ' +
      `${head.migrations.at(-1)}, and upgrade then. Here the last one is ${here.at(-1)}.`,
  );
}

/** Numbers that the database draws go on after those that are taken. */
async function raiseSequences(sql: EntityManager): Promise<void> {
  const columns: { name: string; column: string }[] = await sql.query(`
    select format('%I.%I', table_schema, table_name) as name, column_name as column
    from information_schema.columns where is_identity = 'YES'`);
  for (const { name, column } of columns) {
    await sql.query(
      `select setval(pg_get_serial_sequence('${name}', '${column}'), coalesce(max(${column}), 0) + 1, false) from ${name}`,
    );
  }
}
