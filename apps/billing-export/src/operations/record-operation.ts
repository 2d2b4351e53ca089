import type { Sql } from '@tollgate/service-kit/postgres';

export interface Operation {
  readonly kind: 'resolve' | 'release' | 'reanchor';
  readonly actor: string;
  readonly parameters: object;
}

const RECORD = `
  INSERT INTO billing.operations (at, kind, actor, parameters, result)
  VALUES (to_timestamp($1::double precision / 1000), $2, $3, $4, $5)`;

/** Keeps who did what by hand, in the transaction that does it. */
export async function recordOperation(
  sql: Sql,
  { kind, actor, parameters }: Operation,
  result: object,
  nowMs: number,
): Promise<void> {
  await sql.query(RECORD, [nowMs, kind, actor, JSON.stringify(parameters), JSON.stringify(result)]);
}
