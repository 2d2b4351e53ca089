import { TollgateError } from '@tollgate/contracts/errors';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { DataSource } from 'typeorm';
import { fingerprintOf, type MovedTeam, movedTeam } from './moved-team.ts';

/**
 * A team and its keys that are not revoked, of one snapshot.
 * @throws TollgateError `not_found` where there is no such team
 */
export function exportTeam(
  db: DataSource,
  teamId: string,
  peppers: readonly VersionedKey[],
  nowMs: number,
): Promise<MovedTeam> {
  return db.transaction('REPEATABLE READ', async (em) => {
    const [team] = await em.query('select state from teams where id = $1 and deleted_at is null', [teamId]);
    if (!team) throw new TollgateError('not_found', `There is no team ${teamId}.`);
    const keys: { state: object }[] = await em.query(
      'select state from keys where team_id = $1 and revoked_at is null order by id collate "C"',
      [teamId],
    );
    return movedTeam.parse({
      kind: 'tollgate team',
      exported_at: new Date(nowMs).toISOString(),
      team: team.state,
      keys: keys.map(({ state }) => state),
      peppers: Object.fromEntries(peppers.map((pepper) => [pepper.version, fingerprintOf(pepper)])),
    });
  });
}
