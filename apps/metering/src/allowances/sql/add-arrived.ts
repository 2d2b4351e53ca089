import type { Amounts } from '@tollgate/domain/allowance/book';
import type { Sql } from '@tollgate/service-kit/postgres';

/** What records that name an allowance came to. */
export interface Arrived {
  readonly id: string;
  /** The scope that the records are of: an allowance of another has nothing to do with them. */
  readonly scopeId: string;
  readonly amounts: Amounts;
}

const ADD = `
  UPDATE allowances AS a
  SET folded_cost = a.folded_cost + arrived.cost, folded_tokens = a.folded_tokens + arrived.tokens
  FROM unnest($1::text[], $2::text[], $3::numeric[], $4::numeric[]) AS arrived (id, scope_id, cost, tokens)
  WHERE a.id = arrived.id AND a.scope_id = arrived.scope_id AND a.state <> 'lost'
  RETURNING a.id`;

/**
 * Counts records on allowances that are not lost: nothing was charged for those, so there is nothing to decide. To be
 * called under the locks of their scopes.
 * @returns the ids of those allowances
 */
export async function addArrived(sql: Sql, arrived: readonly Arrived[]): Promise<Set<string>> {
  if (arrived.length === 0) return new Set();
  const [rows]: [{ id: string }[]] = await sql.query(ADD, [
    arrived.map(({ id }) => id),
    arrived.map(({ scopeId }) => scopeId),
    arrived.map(({ amounts }) => amounts.cost.toString()),
    arrived.map(({ amounts }) => amounts.tokens.toString()),
  ]);
  return new Set(rows.map(({ id }) => id));
}
