import { Client } from 'pg';
import { DataSource, EntitySchema } from 'typeorm';

const BATCH = 1_000;
const KEYS = 100;

interface Row {
  id: string;
  admittedAt: Date;
  keyId: string;
  tokens: string;
  cost: string;
}

const rowsFrom = (start: number, count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({
    id: `req_${String(start + i).padStart(22, '0')}/1`,
    admittedAt: new Date(),
    keyId: `key_${(start + i) % KEYS}`,
    tokens: '400',
    cost: '123000000',
  }));

const TABLES = `
  DROP TABLE IF EXISTS bare_ledger, bare_totals, bare_offset;
  CREATE TABLE bare_ledger (id text, admitted_at timestamptz, key_id text, tokens bigint, cost numeric(38,0),
    PRIMARY KEY (id, admitted_at));
  CREATE TABLE bare_totals (key_id text PRIMARY KEY, tokens numeric(38,0), cost numeric(38,0), requests bigint);
  CREATE TABLE bare_offset (next_offset bigint);
  INSERT INTO bare_offset VALUES (0)`;
const FOLD = `
  WITH appended AS (
    INSERT INTO bare_ledger SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::bigint[], $5::numeric[])
    ON CONFLICT DO NOTHING RETURNING key_id, tokens, cost
  )
  INSERT INTO bare_totals AS t SELECT key_id, sum(tokens), sum(cost), count(*) FROM appended GROUP BY key_id ORDER BY 1
  ON CONFLICT (key_id) DO UPDATE SET tokens = t.tokens + excluded.tokens, cost = t.cost + excluded.cost,
    requests = t.requests + excluded.requests`;

/** The least that SQL must do to fold records exactly once. @returns records/s */
export async function bareFold(url: string, records: number): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(TABLES);
  const startMs = performance.now();
  for (let done = 0; done < records; done += BATCH) {
    const rows = rowsFrom(done, BATCH);
    await client.query('BEGIN');
    await client.query(FOLD, [
      rows.map(({ id }) => id),
      rows.map(({ admittedAt }) => admittedAt),
      rows.map(({ keyId }) => keyId),
      rows.map(({ tokens }) => tokens),
      rows.map(({ cost }) => cost),
    ]);
    await client.query('UPDATE bare_offset SET next_offset = $1', [done + BATCH]);
    await client.query('COMMIT');
  }
  const perSecond = (records / (performance.now() - startMs)) * 1_000;
  await client.end();
  return perSecond;
}

const ROWS = new EntitySchema<Row>({
  name: 'bare_ledger',
  columns: {
    id: { type: 'text', primary: true },
    admittedAt: { type: 'timestamptz', primary: true, name: 'admitted_at' },
    keyId: { type: 'text', name: 'key_id' },
    tokens: { type: 'bigint' },
    cost: { type: 'numeric' },
  },
});

/** The same as most services would write it: a transaction for each event. @returns records/s */
export async function eventByEvent(url: string, records: number): Promise<number> {
  const db = await new DataSource({ type: 'postgres', url, entities: [ROWS] }).initialize();
  await db.query(TABLES);
  const startMs = performance.now();
  for (const row of rowsFrom(0, records)) {
    await db.transaction(async (sql) => {
      await sql.save(ROWS, row);
      await sql.query(
        `INSERT INTO bare_totals AS t VALUES ($1, $2, $3, 1) ON CONFLICT (key_id) DO UPDATE SET
         tokens = t.tokens + excluded.tokens, cost = t.cost + excluded.cost, requests = t.requests + 1`,
        [row.keyId, row.tokens, row.cost],
      );
    });
  }
  const perSecond = (records / (performance.now() - startMs)) * 1_000;
  await db.destroy();
  return perSecond;
}
