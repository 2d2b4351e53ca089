import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { Link } from 'wouter';
import { admin } from '../api/admin.ts';
import { counted } from '../figures/count.ts';
import { When } from '../figures/when.tsx';
import { standingOf } from '../keys/key-state.ts';
import { StandingMark } from '../keys/standing-mark.tsx';
import { useLimitFigures } from '../limits/limit-figures.tsx';
import { useWatched } from '../live/live.tsx';
import { Panel } from '../overview/panel.tsx';
import { useMay } from '../session/may.ts';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './team-keys.module.css';

const SHOWN = 8;

interface TeamKeysProps {
  readonly teamId: string;
  readonly liveKeys: number;
}

/** The newest keys of a team, with figures that move, and the way to the others. */
export function TeamKeys({ teamId, liveKeys }: TeamKeysProps) {
  const may = useMay();
  const keys = useQuery({
    queryKey: ['keys', 'list', 'of a team', teamId],
    queryFn: ({ signal }) => admin.keys.list({ query: { team_id: teamId, limit: SHOWN }, signal }),
  });
  const shown = keys.data?.data ?? [];
  useWatched(shown.map(({ id }) => id));
  return (
    <Panel
      title="Keys"
      about={liveKeys > SHOWN ? `The newest ${SHOWN} of ${counted(liveKeys, 'live key')}` : undefined}
      actions={
        <Link href={`/keys?team=${teamId}`} className={styles['all']!}>
          All its keys
        </Link>
      }
    >
      {keys.isError ? (
        <Trouble what="The keys could not be read." error={keys.error} onRetry={keys.refetch} />
      ) : keys.isPending ? (
        <Skeleton height={160} />
      ) : shown.length === 0 ? (
        <p className={styles['none']}>
          No key is in this team yet.{' '}
          {may(ADMIN_ROUTES.keys.create) && <Link href="/keys/new">Create one</Link>}
        </p>
      ) : (
        <table className={styles['keys']}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Status</th>
              <th scope="col">Cost</th>
              <th scope="col">Tokens</th>
              <th scope="col">Last used</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((key) => (
              <Row key={key.id} of={key} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row({ of: key }: { readonly of: Key }) {
  const { meter, lastUsedAt, cost, tokens } = useLimitFigures(key.id, key.limits);
  return (
    <tr>
      <th scope="row">
        <Link href={`/keys/${key.id}`} title={key.name}>
          <bdi>{key.name}</bdi>
        </Link>
      </th>
      <td>
        <StandingMark standing={standingOf(key, meter)} />
      </td>
      <td>{cost}</td>
      <td>{tokens}</td>
      <td>
        <When at={lastUsedAt ?? key.last_used_at} />
      </td>
    </tr>
  );
}
