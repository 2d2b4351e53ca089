import { Button, Skeleton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Team } from '@tollgate/contracts/teams-http';
import { useState } from 'react';
import { Link } from 'wouter';
import { count } from '../figures/count.ts';
import styles from '../figures/table.module.css';
import { When } from '../figures/when.tsx';
import { useLimitFigures } from '../limits/limit-figures.tsx';
import { useWatched } from '../live/live.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { type TeamAct, TeamActDialog } from './team-act.tsx';
import { TeamMenu } from './team-menu.tsx';
import { useTeams } from './use-teams.ts';

/** Teams with what their keys used together. */
export function TeamsScreen() {
  const may = useMay();
  const teams = useTeams();
  const [doing, setDoing] = useState<TeamAct | null>(null);
  useWatched(teams.data?.map(({ id }) => id) ?? []);
  return (
    <>
      <ScreenHead
        title="Teams"
        about="A team’s limits hold for all its keys together."
        actions={
          may(ADMIN_ROUTES.teams.create) && (
            <Button
              leftSection={<IconPlus size={16} stroke={2} />}
              onClick={() => setDoing({ act: 'create' })}
            >
              Create team
            </Button>
          )
        }
      />
      {teams.isError ? (
        <Trouble
          what="The teams could not be read."
          error={teams.error}
          onRetry={() => void teams.refetch()}
        />
      ) : teams.isPending ? (
        <Skeleton height={280} radius="lg" />
      ) : (
        <div className={styles['frame']}>
          <table className={styles['table']} data-narrow="cards">
            <thead>
              <tr>
                <th scope="col" className={styles['first']}>
                  Name
                </th>
                <th scope="col" className={styles['small']}>
                  Keys
                </th>
                <th scope="col">Cost</th>
                <th scope="col">Tokens</th>
                <th scope="col">Requests/min</th>
                <th scope="col" className={styles['wide']}>
                  Resets
                </th>
                <th scope="col" className={styles['menu']}>
                  <span className={styles['spoken']}>Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {teams.data.map((team) => (
                <TeamRow key={team.id} of={team} onAct={setDoing} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <TeamActDialog doing={doing} onClose={() => setDoing(null)} />
    </>
  );
}

function TeamRow({ of: team, onAct }: { readonly of: Team; readonly onAct: (act: TeamAct) => void }) {
  const { meter, cost, tokens, requests } = useLimitFigures(team.id, team.limits);
  return (
    <tr className={styles['row']}>
      <th scope="row">
        <Link href={`/teams/${team.id}`} className={styles['name']!} title={team.name}>
          <bdi>{team.name}</bdi>
        </Link>
        {meter !== undefined && meter.blocked.length > 0 && <span className={styles['bad']}>Blocked</span>}
      </th>
      <td data-label="Keys">
        <Link
          href={`/keys?team=${team.id}`}
          className={styles['quiet']!}
          aria-label={`${count(team.live_keys)} keys of ${team.name}`}
        >
          {count(team.live_keys)}
        </Link>
      </td>
      <td data-label="Cost">{cost}</td>
      <td data-label="Tokens">{tokens}</td>
      <td data-label="Req/min">{requests}</td>
      <td className={styles['wide']}>
        {meter?.resets_at ? <When at={meter.resets_at} /> : <span className={styles['faint']}>never</span>}
      </td>
      <td className={styles['menu']}>
        <TeamMenu of={team} onAct={onAct} />
      </td>
    </tr>
  );
}
