import { TollgateError } from '@tollgate/contracts/errors';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import type { CreditAnswer, CreditBody } from '@tollgate/contracts/operations-http';
import { newId } from '@tollgate/service-kit/ids';
import type { DataSource } from 'typeorm';
import { ensureMonths } from '../ledger/months.ts';
import { readMeter } from '../meters/read-meter.ts';
import { findScopes } from '../meters/sql/find-scopes.ts';
import { recordedOnce } from '../operations/recorded.ts';
import { applyCorrections } from './apply-corrections.ts';

/**
 * Gives back cost and tokens of a key, and so of its team and the organization, in the periods and generations that
 * count now. What was used stays in the ledger; a meter may go below zero.
 *
 * @throws TollgateError `not_found` where metering has not heard of the key
 */
export async function credit(db: DataSource, body: CreditBody, nowMs: number): Promise<CreditAnswer> {
  const { key_id, actor, reason, tokens, cost_usd } = body;
  const key = (await findScopes(db.manager, [key_id])).get(key_id);
  if (!key?.teamId) {
    const message = `There is no key "${key_id}" that metering has heard of; see that the id is right.`;
    throw new TollgateError('not_found', message, { param: 'key_id' });
  }
  const teamId = key.teamId;
  const around = await findScopes(db.manager, [teamId, ORGANIZATION_ID]);
  const now = new Date(nowMs).toISOString();
  const correction = {
    id: body.id === undefined ? newId('adj') : `credit/${body.id}`,
    kind: 'credit' as const,
    adjusts: null,
    key_id,
    team_id: teamId,
    admitted_at: now,
    recorded_at: now,
    generations: {
      key: key.generation,
      team: around.get(teamId)?.generation ?? 0,
      organization: around.get(ORGANIZATION_ID)?.generation ?? 0,
    },
    provider: '',
    model: '',
    tokens: tokens === 0 ? 0 : -tokens,
    cost_usd: formatUsd(-parseUsd(cost_usd)),
    price_version: null,
    reason,
    actor,
  };
  await ensureMonths(db, nowMs);
  return recordedOnce(db, { kind: 'credit', actor, parameters: body }, async () => {
    const applied = await db.transaction((sql) => applyCorrections(sql, [correction], nowMs));
    const { meter } = await readMeter(db.manager, key_id, nowMs);
    return { id: correction.id, applied: applied.length === 1, meter };
  });
}
