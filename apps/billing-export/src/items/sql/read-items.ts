import { LINE_ITEM_COLUMNS, type LineItem } from '@tollgate/contracts/billing-http';
import { formatUsd } from '@tollgate/contracts/money';
import type { Sql } from '@tollgate/service-kit/postgres';

/** The lines of hours in [from, to) of what is named; `null` is all of them. */
export interface ItemFilter {
  readonly from: string;
  readonly to: string;
  readonly teamId: string | null;
  readonly keyId: string | null;
  readonly model: string | null;
}

const FILTER = `hour >= $1 AND hour < $2 AND ($3::text IS NULL OR team_id = $3) AND ($4::text IS NULL OR key_id = $4)
    AND ($5::text IS NULL OR model = $5)`;
const PLACE = ['hour', 'team_id', 'key_id', 'provider', 'model', 'kind'] as const;
const columns = LINE_ITEM_COLUMNS.map((name) => (name === 'cost_usd' ? 'cost' : name)).join(', ');
const READ = `
  SELECT ${columns} FROM billing.line_items
  WHERE ${FILTER}
    AND ($6::timestamptz IS NULL OR (${PLACE.join(', ')}) > ($6, $7::text, $8::text, $9::text, $10::text, $11::text))
  ORDER BY ${PLACE.join(', ')} LIMIT $12`;

const values = ({ from, to, teamId, keyId, model }: ItemFilter) => [from, to, teamId, keyId, model];

/** Line items after one, in the order of their hours and names, `most` at most. */
export async function readItems(
  sql: Sql,
  filter: ItemFilter,
  after: LineItem | null,
  most: number,
): Promise<LineItem[]> {
  const place = PLACE.map((name) => after?.[name] ?? null);
  const rows: Record<string, unknown>[] = await sql.query(READ, [...values(filter), ...place, most]);
  return rows.map((row) => {
    const plain = (name: string) => {
      const value = row[name];
      return value instanceof Date ? value.toISOString() : String(value);
    };
    return Object.fromEntries(
      LINE_ITEM_COLUMNS.map((name) => [
        name,
        name === 'cost_usd' ? formatUsd(BigInt(plain('cost'))) : plain(name),
      ]),
    ) as LineItem;
  });
}

/** How many there are. */
export async function countItems(sql: Sql, filter: ItemFilter): Promise<number> {
  const [row] = await sql.query(
    `SELECT count(*)::int AS items FROM billing.line_items WHERE ${FILTER}`,
    values(filter),
  );
  return row.items;
}
