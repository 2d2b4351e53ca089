import { Button, CloseButton, TextInput } from '@mantine/core';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { useState } from 'react';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { useWatched } from '../live/live.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { type TeamAct, TeamActDialog } from './team-act.tsx';
import { TeamTable } from './team-table.tsx';
import styles from './teams.module.css';
import { useTeams } from './use-teams.ts';

const PAGE = 50;
/** So few are seen at a glance. */
const SEARCHED_FROM = 8;

/** Teams with what their keys used together. */
export function TeamsScreen() {
  const may = useMay();
  const teams = useTeams();
  const [doing, setDoing] = useState<TeamAct | null>(null);
  const [search, setSearch] = useState('');
  const [number, setNumber] = useState(1);
  const all = teams.data ?? [];
  const wanted = search.trim().toLocaleLowerCase();
  const found = all.filter(({ name }) => name.toLocaleLowerCase().includes(wanted));
  const shown = found.slice((number - 1) * PAGE, number * PAGE);
  useWatched(shown.map(({ id }) => id));
  const look = (text: string) => {
    setSearch(text);
    setNumber(1);
  };
  const canCreate = may(ADMIN_ROUTES.teams.create);
  return (
    <>
      <ScreenHead
        title="Teams"
        about="A team’s limits hold for all its keys together, beside the limits of each."
        actions={
          canCreate && (
            <Button
              leftSection={<IconPlus size={16} stroke={2} />}
              onClick={() => setDoing({ act: 'create' })}
            >
              Create team
            </Button>
          )
        }
      />
      {all.length >= SEARCHED_FROM && (
        <TextInput
          className={styles['search']!}
          aria-label="Search by name"
          placeholder="Search teams"
          value={search}
          onChange={(event) => look(event.currentTarget.value)}
          leftSection={<IconSearch size={15} stroke={1.7} />}
          rightSection={
            search !== '' && <CloseButton size="sm" aria-label="Clear the search" onClick={() => look('')} />
          }
        />
      )}
      {teams.isError ? (
        <Trouble
          what="The teams could not be read."
          error={teams.error}
          onRetry={() => void teams.refetch()}
        />
      ) : teams.isPending ? (
        <ListSkeleton of="the teams" lines={5} />
      ) : shown.length === 0 ? (
        <Empty
          title={all.length === 0 ? 'There is no team' : 'No team matches'}
          action={
            all.length > 0 && (
              <Button variant="default" onClick={() => look('')}>
                Clear the search
              </Button>
            )
          }
        >
          {all.length === 0 ? 'The team that you act in is deleted.' : 'Search looks at names.'}
        </Empty>
      ) : (
        <TeamTable teams={shown} onAct={setDoing} />
      )}
      {shown.length > 0 && (
        <Pager
          of={['team', 'teams']}
          shown={shown.length}
          number={number}
          goBack={number === 1 ? null : () => setNumber(number - 1)}
          goNext={number * PAGE >= found.length ? null : () => setNumber(number + 1)}
        />
      )}
      {all.length === 1 && canCreate && (
        <p className={styles['note']}>
          Every key is in this team until there are others. A key stays in the team that it was made in.
        </p>
      )}
      <TeamActDialog doing={doing} onClose={() => setDoing(null)} />
    </>
  );
}
