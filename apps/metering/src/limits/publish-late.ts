import type { DataSource } from 'typeorm';
import { lockDueScopes } from '../scopes/sql/lock-scopes.ts';
import { republish } from './republish.ts';

const SCOPES_AT_ONCE = 500;

/** Publishes the meters that are due: steps too small to leave at once do not wait longer than 10 s. */
export async function publishLate(db: DataSource, nowMs: number): Promise<number> {
  let published = 0;
  for (;;) {
    const count = await db.transaction(async (sql) => {
      const scopes = await lockDueScopes(sql, nowMs, SCOPES_AT_ONCE);
      await republish(sql, scopes, 'usage', nowMs);
      return scopes.length;
    });
    published += count;
    if (count < SCOPES_AT_ONCE) return published;
  }
}
