import type { Sql } from '../postgres.ts';

/** A table as SQL names it: `public.keys`. */
export type TableName = string;

const TABLES = `
  select format('%I.%I', n.nspname, c.relname) as name, c.oid
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema$)'
    and c.relname <> 'migrations'
  order by 1`;
const REFERENCES = `select conrelid as oid, confrelid as needs from pg_constraint where contype = 'f'`;

/** All tables of a database but that of its migrations; those that others refer to come before them. */
export async function tablesInOrder(sql: Sql): Promise<TableName[]> {
  const tables: { name: TableName; oid: number }[] = await sql.query(TABLES);
  const references: { oid: number; needs: number }[] = await sql.query(REFERENCES);
  const ordered = new Set<TableName>();
  const take = (oid: number) => {
    const table = tables.find((one) => one.oid === oid);
    if (!table || ordered.has(table.name)) return;
    for (const reference of references) {
      if (reference.oid === oid && reference.needs !== oid) take(reference.needs);
    }
    ordered.add(table.name);
  };
  for (const { oid } of tables) take(oid);
  return [...ordered];
}

/** The migrations that a database has had, in their order. */
export async function migrationsOf(sql: Sql): Promise<string[]> {
  const rows: { name: string }[] = await sql.query('select name from migrations order by id');
  return rows.map(({ name }) => name);
}

/** What is peculiar to a service's database. */
export interface BackupPlan {
  readonly service: string;
  /** Tables in which migrations leave rows: a backup's take their place. */
  readonly seeded: readonly TableName[];
  /** Tables in parts by time, the column, and the SQL that makes the parts from $1 to $2. */
  readonly parted: Readonly<Record<TableName, { readonly column: string; readonly make: string }>>;
}
