import type { ScopeKind } from '@tollgate/contracts/limits';
import type { RequestEntry } from '@tollgate/contracts/metering-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { ofScope } from '../../ledger/sql/of-scope.ts';
import type { Place } from '../../statements/sql/read-lines.ts';

type Told =
  | 'id'
  | 'key_id'
  | 'endpoint'
  | 'provider'
  | 'model'
  | 'status'
  | 'streamed'
  | 'quality'
  | 'latency_ms'
  | 'first_token_ms'
  | 'client_ip';
export interface RawRequest extends Pick<RequestEntry, Told> {
  readonly admitted_at: Date;
  readonly settled_at: Date;
  readonly http_status: string | null;
  readonly tokens: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cost: string | null;
}

const READ = (scope: ScopeKind) => `
  SELECT id, key_id, admitted_at, settled_at, endpoint, provider, model, status, http_status, streamed, quality,
    tokens_total AS tokens, tokens_input + tokens_cached_input + tokens_cache_write AS input_tokens,
    tokens_output AS output_tokens, cost, latency_ms, first_token_ms, client_ip
  FROM usage_ledger
  WHERE ${ofScope(scope)} AND kind = 'usage'
    AND ($2::float8 IS NULL OR (admitted_at, id) < (to_timestamp($2::float8 / 1000), $3::text))
  ORDER BY admitted_at DESC, id DESC LIMIT $4`;

/** A scope's attempts before a place in the ledger, newest first, `most` at most. */
export const readLast = (
  sql: Sql,
  { scope, scopeId }: { readonly scope: ScopeKind; readonly scopeId: string },
  before: Place | null,
  most: number,
): Promise<RawRequest[]> => sql.query(READ(scope), [scopeId, before?.atMs ?? null, before?.id ?? null, most]);
