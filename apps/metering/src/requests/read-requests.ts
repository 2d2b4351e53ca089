import type { RequestEntry, RequestsAnswer, RequestsQuery } from '@tollgate/contracts/metering-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { toUsd } from '../limits/limit-event.ts';
import { scopeKindOf } from '../scopes/scope-row.ts';
import { readCursor, writeCursor } from '../statements/cursor.ts';
import { type RawRequest, readLast } from './sql/read-last.ts';

/** A scope's last requests, newest first, page by page; each attempt by itself. */
export async function readRequests(
  sql: Sql,
  scopeId: string,
  { cursor, limit }: RequestsQuery,
): Promise<RequestsAnswer> {
  const before = cursor === undefined ? null : readCursor(cursor);
  const requests = await readLast(sql, { scope: scopeKindOf(scopeId), scopeId }, before, limit + 1);
  const shown = requests.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(toEntry),
    next_cursor:
      requests.length > limit && last ? writeCursor({ atMs: last.admitted_at.getTime(), id: last.id }) : null,
  };
}

const toEntry = ({ cost, ...raw }: RawRequest): RequestEntry => ({
  ...raw,
  admitted_at: raw.admitted_at.toISOString(),
  settled_at: raw.settled_at.toISOString(),
  http_status: raw.http_status === null ? null : Number(raw.http_status),
  tokens: Number(raw.tokens),
  input_tokens: Number(raw.input_tokens),
  output_tokens: Number(raw.output_tokens),
  cost_usd: cost === null ? null : toUsd(BigInt(cost)),
});
