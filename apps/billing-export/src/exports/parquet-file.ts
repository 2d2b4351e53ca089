import type { LineItem } from '@tollgate/contracts/billing-http';
import { parseUsd } from '@tollgate/contracts/money';
import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';

type Column = Readonly<{ element: SchemaElement; value: (text: string) => unknown }>;

const required = (name: string, element: Omit<SchemaElement, 'name'>): SchemaElement => ({
  name,
  repetition_type: 'REQUIRED',
  ...element,
});
const text = (name: string): Column => ({
  element: required(name, { type: 'BYTE_ARRAY', converted_type: 'UTF8' }),
  value: (written) => written,
});
const instant = (name: string): Column => ({
  element: required(name, { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' }),
  value: (written) => new Date(written),
});
const integer = (name: string): Column => ({
  element: required(name, { type: 'INT64' }),
  value: BigInt,
});
/** Exact, and as wide as the database has it. */
const decimal = (name: string, scale: number, value: (written: string) => bigint): Column => ({
  element: required(name, {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    converted_type: 'DECIMAL',
    precision: 38,
    scale,
  }),
  value,
});
const tokens = (name: string) => decimal(name, 0, BigInt);

const COLUMNS: Readonly<Record<keyof LineItem, Column>> = {
  hour: instant('hour'),
  team_id: text('team_id'),
  key_id: text('key_id'),
  provider: text('provider'),
  model: text('model'),
  kind: text('kind'),
  requests: integer('requests'),
  unpriced_requests: integer('unpriced_requests'),
  tokens_input: tokens('tokens_input'),
  tokens_cached_input: tokens('tokens_cached_input'),
  tokens_cache_write: tokens('tokens_cache_write'),
  tokens_output: tokens('tokens_output'),
  tokens_reasoning: tokens('tokens_reasoning'),
  tokens_total: tokens('tokens_total'),
  cost_usd: decimal('cost_usd', 12, parseUsd),
  revision: integer('revision'),
  updated_at: instant('updated_at'),
};
const columns = Object.entries(COLUMNS) as [keyof LineItem, Column][];
const SCHEMA: SchemaElement[] = [
  { name: 'line_items', num_children: columns.length },
  ...columns.map(([, { element }]) => element),
];

/** A Parquet file of line items that is written a group of rows after another: what was taken is not kept. */
export class ParquetFile {
  private readonly bytes = new ByteWriter();
  private readonly writer = new ParquetWriter({ writer: this.bytes, schema: SCHEMA, createdBy: 'tollgate' });

  head(): Uint8Array {
    return this.take();
  }

  rows(page: readonly LineItem[]): Uint8Array {
    this.writer.write({
      columnData: columns.map(([name, { value }]) => ({ name, data: page.map((item) => value(item[name])) })),
      rowGroupSize: page.length,
    });
    return this.take();
  }

  tail(): Uint8Array {
    this.writer.finish();
    return this.take();
  }

  /** What was written since it was last taken; offsets in the file go on from there. */
  private take(): Uint8Array {
    const taken = this.bytes.getBytes().slice();
    this.bytes.index = 0;
    return taken;
  }
}
