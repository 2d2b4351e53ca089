import { TollgateError } from '@tollgate/contracts/errors';
import type { LoseAnswer, LoseBody } from '@tollgate/contracts/operations-http';
import { LEASE_MS } from '@tollgate/domain/allowance/holder';
import type { DataSource } from 'typeorm';
import { recordedOnce } from '../operations/recorded.ts';
import { loseIn } from './lose-silent.ts';
import { databaseClock } from './sql/database-clock.ts';
import { heardOf, scopesOfHolder } from './sql/holder.ts';

/**
 * Declares lost all that a gateway holds, for an operator who knows that it has ended and will not start again.
 * @throws TollgateError `conflict` where it was heard in the last minute, `not_found` where it holds nothing
 */
export async function loseHolder(db: DataSource, body: LoseBody): Promise<LoseAnswer> {
  const { instance, reason, actor } = body;
  const nowMs = await databaseClock(db.manager);
  const scopeIds = await scopesOfHolder(db.manager, instance);
  if (scopeIds.length === 0) {
    const message = `No gateway "${instance}" holds anything; "allowances" lists those that do.`;
    throw new TollgateError('not_found', message, { param: 'instance' });
  }
  if (nowMs - (await heardOf(db.manager, instance)) < LEASE_MS) {
    const message = `The gateway "${instance}" was heard in the last minute: stop it first, which gives back what it holds.`;
    throw new TollgateError('conflict', message, { param: 'instance' });
  }
  return recordedOnce(db, { kind: 'lose', actor, parameters: body }, () =>
    db.transaction(async (sql) => {
      const isIts = (row: { holder: { instance: string }; state: string }) =>
        row.holder.instance === instance && row.state !== 'lost' ? ('lost' as const) : ('stays' as const);
      return { lost: await loseIn(sql, scopeIds, isIts, reason, nowMs) };
    }),
  );
}
