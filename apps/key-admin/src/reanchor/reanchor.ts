import type { DataSource } from 'typeorm';
import { type Queued, queueScopes } from './queue-scopes.ts';

/**
 * Takes note that the broker's topics were made anew: the current record of every key, team and the organization is
 * queued for `keys` again, and nothing is known any more of where records are. Webhooks are told what comes from now
 * on. May run beside the service, whose relay publishes what is queued.
 */
export async function* reanchor(
  db: DataSource,
  apply: boolean,
): AsyncGenerator<Queued, Queued & { applied: boolean }> {
  if (!apply) return { ...(await countScopes(db)), applied: false };
  await db.transaction(async (em) => {
    await em.query('delete from publications');
    await em.query('delete from webhook_offsets');
  });
  return { ...(yield* queueScopes(db)), applied: true };
}

async function countScopes(db: DataSource): Promise<Queued> {
  const [counts]: [Queued] = await db.query(`
    select (select count(*)::int from organization) as organization, (select count(*)::int from teams) as teams,
      (select count(*)::int from keys) as keys`);
  return counts;
}
