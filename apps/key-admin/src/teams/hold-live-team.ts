import { TollgateError } from '@tollgate/contracts/errors';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import { holdTeam } from './sql/hold-team.ts';

/** Keeps a team from being deleted until the transaction ends. @throws TollgateError where there is none to the caller */
export async function holdLiveTeam(em: EntityManager, caller: Caller, teamId: string): Promise<void> {
  if (await holdTeam(em, teamId, caller.team_id)) return;
  const message = 'team_id: there is no such team; GET /v1/teams lists those there are';
  throw new TollgateError('invalid_field', message, { param: 'team_id' });
}
