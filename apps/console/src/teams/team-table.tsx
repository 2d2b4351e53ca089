import type { Team } from '@tollgate/contracts/teams-http';
import { Link } from 'wouter';
import { count } from '../figures/count.ts';
import styles from '../figures/table.module.css';
import { When } from '../figures/when.tsx';
import { useLimitFigures } from '../limits/limit-figures.tsx';
import type { TeamAct } from './team-act.tsx';
import { TeamMenu } from './team-menu.tsx';

interface TeamTableProps {
  readonly teams: readonly Team[];
  readonly onAct: (act: TeamAct) => void;
  /** What was shown before, while what is wanted now is under way. */
  readonly isStale: boolean;
}

/** Teams on lines, with figures that move. */
export function TeamTable({ teams, onAct, isStale }: TeamTableProps) {
  return (
    <div className={styles['frame']} data-stale={isStale || undefined}>
      <table className={styles['table']} data-narrow="cards" data-pairs aria-label="Teams">
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
          {teams.map((team) => (
            <Row key={team.id} of={team} onAct={onAct} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ of: team, onAct }: { readonly of: Team; readonly onAct: (act: TeamAct) => void }) {
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
