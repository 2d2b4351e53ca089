import type { ResolveAnswer, ResolveBody } from '@tollgate/contracts/billing-http';
import type { DataSource } from 'typeorm';
import { recordOperation } from '../operations/record-operation.ts';
import { resolveEvents } from './sql/resolve-events.ts';

/** Does with events that are held or failed what a person has found out about them. */
export function resolve(db: DataSource, body: ResolveBody, nowMs: number): Promise<ResolveAnswer> {
  return db.transaction(async (sql) => {
    const resolved = await resolveEvents(sql, body.identifiers, body.as, nowMs);
    const touched = new Set(resolved);
    const answer = { resolved, untouched: body.identifiers.filter((id) => !touched.has(id)) };
    await recordOperation(sql, { kind: 'resolve', actor: body.actor, parameters: body }, answer, nowMs);
    return answer;
  });
}
