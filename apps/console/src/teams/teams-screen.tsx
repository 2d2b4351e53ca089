import { Button, CloseButton, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { usePages } from '../list/use-pages.ts';
import { useWatched } from '../live/live.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { type TeamAct, TeamActDialog } from './team-act.tsx';
import { TeamTable } from './team-table.tsx';
import styles from './teams.module.css';

const PAGE = 50;
/** So few are seen at a glance. */
const SEARCHED_FROM = 8;
/** As long as people type, nothing is asked. */
const TYPING_MS = 250;

/** Teams with what their keys used together. */
export function TeamsScreen() {
  const may = useMay();
  const [doing, setDoing] = useState<TeamAct | null>(null);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), TYPING_MS);
  const { cursor, waysFrom } = usePages({ search });
  const teams = useQuery({
    queryKey: ['teams', 'list', search, cursor ?? null],
    queryFn: ({ signal }) =>
      admin.teams.list({
        query: { limit: PAGE, ...(search !== '' && { search }), ...(cursor && { cursor }) },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  const shown = teams.data?.data ?? [];
  const ways = waysFrom(teams);
  const isSearched = typed !== '' || search !== '';
  const isWhole = !isSearched && ways.goBack === null && ways.goNext === null;
  useWatched(shown.map(({ id }) => id));
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
      {(!isWhole || shown.length >= SEARCHED_FROM) && (
        <TextInput
          className={styles['search']!}
          aria-label="Search by name"
          placeholder="Search teams"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={15} stroke={1.7} />}
          rightSection={
            typed !== '' && (
              <CloseButton size="sm" aria-label="Clear the search" onClick={() => setTyped('')} />
            )
          }
        />
      )}
      {teams.isError ? (
        <Trouble what="The teams could not be read." error={teams.error} onRetry={teams.refetch} />
      ) : teams.isPending ? (
        <ListSkeleton of="the teams" lines={5} />
      ) : shown.length === 0 ? (
        <Empty
          title={isSearched ? 'No team matches' : 'There is no team'}
          action={
            isSearched && (
              <Button variant="default" onClick={() => setTyped('')}>
                Clear the search
              </Button>
            )
          }
        >
          {isSearched ? 'Search looks at names.' : 'The team that you act in is deleted.'}
        </Empty>
      ) : (
        <TeamTable teams={shown} onAct={setDoing} isStale={teams.isPlaceholderData} />
      )}
      {shown.length > 0 && <Pager of={['team', 'teams']} shown={shown.length} {...ways} />}
      {isWhole && shown.length === 1 && canCreate && (
        <p className={styles['note']}>
          Every key is in this team until there are others. A key stays in the team that it was made in.
        </p>
      )}
      <TeamActDialog doing={doing} onClose={() => setDoing(null)} />
    </>
  );
}
