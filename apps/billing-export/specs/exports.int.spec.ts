import { LINE_ITEM_COLUMNS, type LineItem, lineItemsQuery } from '@tollgate/contracts/billing-http';
import { formatUsd } from '@tollgate/contracts/money';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { parse } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.ts';
import { exportItems, filterOf } from '../src/exports/export-items.ts';
import { foldBatches } from '../src/fold/fold-batches.ts';
import { HOUR_MS, limitEventsBatch, NOON, usageAdjusted, usageBatch, usageRecord } from './given.ts';

let database: TestDatabase;
let db: DataSource;
const KEYS = 60;
const HOURS = 200;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openDatabase(database.url, pino({ level: 'silent' }));
  const records = Array.from({ length: KEYS * HOURS }, (_, n) =>
    usageRecord({
      id: `req_${n}`,
      key: `key_${n % KEYS}`,
      team: `team_${n % 3}`,
      model: n % 2 ? '=HYPERLINK("x")' : 'plain, "quoted"',
      admittedAtMs: NOON - Math.floor(n / KEYS) * HOUR_MS,
      cost: n % 5 === 0 ? null : `${n}.${String(n).padStart(12, '0')}`,
    }),
  );
  for (let at = 0; at < records.length; at += 4_000) {
    await foldBatches(db, [usageBatch(0, at, records.slice(at, at + 4_000))], NOON);
  }
  await foldBatches(db, [limitEventsBatch(0, 0, [usageAdjusted({ id: 'adj', key: 'key_1' })])], NOON);
  const huge = `UPDATE billing.line_items SET tokens_total = 10::numeric ^ 30 + 7 WHERE key_id = 'key_2' AND hour = $1`;
  await db.query(huge, [new Date(NOON)]);
}, 60_000);
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const SPAN = {
  from: new Date(NOON - 400 * HOUR_MS).toISOString(),
  to: new Date(NOON + HOUR_MS).toISOString(),
};

async function exported(query: object): Promise<Buffer> {
  const parsed = lineItemsQuery.parse({ ...SPAN, ...query });
  const parts: Uint8Array[] = [];
  for await (const part of exportItems(db.manager, filterOf(parsed, NOON), parsed.format)) {
    parts.push(Buffer.from(part as string));
  }
  return Buffer.concat(parts);
}

async function table(): Promise<LineItem[]> {
  const rows: Record<string, unknown>[] = await db.query(
    'SELECT * FROM billing.line_items ORDER BY hour, team_id, key_id, provider, model, kind',
  );
  return rows.map((row) => {
    const value = (name: string) => {
      const field = row[name];
      return field instanceof Date ? field.toISOString() : String(field);
    };
    return Object.fromEntries(
      LINE_ITEM_COLUMNS.map((name) => [
        name,
        name === 'cost_usd' ? formatUsd(BigInt(value('cost'))) : value(name),
      ]),
    ) as LineItem;
  });
}

const ndjson = async (query: object) =>
  (await exported({ ...query, format: 'ndjson' }))
    .toString()
    .split('\n')
    .filter((line) => line)
    .map((line) => JSON.parse(line) as LineItem);

it('lines of JSON are the table, over many pages', async () => {
  const items = await ndjson({});
  expect(items).toHaveLength(KEYS * HOURS + 1);
  expect(items).toEqual(await table());
});

it('CSV is the table: amounts are amounts, and what a spreadsheet would run is text', async () => {
  const text = (await exported({ format: 'csv' })).toString();
  const rows = parse(text, { columns: true }) as LineItem[];
  const harmless = (items: LineItem[]) =>
    items.map((item) => ({ ...item, model: item.model.startsWith('=') ? `'${item.model}` : item.model }));
  expect(rows).toEqual(harmless(await table()));
  expect(text).toContain(',-0.25,');
  expect(text).not.toMatch(/(^|,)=/m);
});

it('Parquet is the table to the last digit, as another reader reads it', async () => {
  const bytes = await exported({ format: 'parquet' });
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const metadata = parquetMetadata(file);
  expect(metadata.row_groups.length).toBeGreaterThan(1);
  // A reader in JavaScript makes floats of decimals: these are read as the integers that are stored.
  const decimals = new Map(
    metadata.schema
      .filter((each) => each.converted_type === 'DECIMAL')
      .map((each) => [each.name, each.scale!]),
  );
  expect(decimals.get('cost_usd')).toBe(12);
  for (const element of metadata.schema) {
    if (element.converted_type === 'DECIMAL') delete element.converted_type;
    delete element.logical_type;
  }
  const rows = await parquetReadObjects({ file, metadata, utf8: false });
  const read = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        if (value instanceof Date) return [name, value.toISOString()];
        if (!decimals.has(name)) return [name, String(value)];
        const integer = bigEndian(value as Uint8Array);
        return [name, name === 'cost_usd' ? formatUsd(integer) : String(integer)];
      }),
    ),
  );
  expect(read).toEqual(await table());
});

it('an export of nothing is a file that can be read', async () => {
  expect((await exported({ format: 'csv', team_id: 'none' })).toString().trim()).toBe(
    LINE_ITEM_COLUMNS.join(','),
  );
  expect(await ndjson({ team_id: 'none' })).toEqual([]);
  const bytes = await exported({ format: 'parquet', team_id: 'none' });
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  expect(await parquetReadObjects({ file })).toEqual([]);
});

it('has what is asked for: hours that begin in [from, to), a team, a key, a model', async () => {
  const all = await table();
  const from = new Date(NOON - 2 * HOUR_MS).toISOString();
  const to = new Date(NOON).toISOString();
  expect(await ndjson({ from, to })).toEqual(all.filter(({ hour }) => hour >= from && hour < to));
  expect(await ndjson({ team_id: 'team_1' })).toEqual(all.filter((item) => item.team_id === 'team_1'));
  expect(await ndjson({ key_id: 'key_7' })).toEqual(all.filter((item) => item.key_id === 'key_7'));
  const model = 'plain, "quoted"';
  expect(await ndjson({ model })).toEqual(all.filter((item) => item.model === model));
});

function bigEndian(bytes: Uint8Array): bigint {
  return BigInt.asIntN(128, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}
