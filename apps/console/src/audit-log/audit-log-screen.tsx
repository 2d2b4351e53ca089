import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconDownload } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useKnownAdmins } from '../admin-keys/use-known-admins.ts';
import { admin } from '../api/admin.ts';
import { onDay } from '../figures/instant.ts';
import { shortId } from '../figures/short-id.ts';
import { Entries } from '../list/entries.tsx';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { usePages } from '../list/use-pages.ts';
import { useMe } from '../session/me.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { exportAddress, isFiltered, NO_FILTERS, queryOf, useAuditFilters } from './audit-filters.ts';
import styles from './audit-log.module.css';
import { AuditRow } from './audit-row.tsx';
import { byDay } from './by-day.ts';
import { FilterBar } from './filter-bar.tsx';
import type { Named } from './target.ts';

const PAGE = 50;

/** Who did what, when and from where. */
export function AuditLogScreen() {
  const { filters, change } = useAuditFilters();
  const { cursor, waysFrom } = usePages(filters);
  const page = useQuery({
    queryKey: ['audit-log', filters, cursor ?? null],
    queryFn: ({ signal }) =>
      admin.auditLog.list({
        query: { ...queryOf(filters), limit: PAGE, ...(cursor && { cursor }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    // Whatever anybody did since is in it.
    staleTime: 0,
  });
  const entries = page.data?.data ?? [];
  const { actors, actorName } = useActors(entries, filters.actor);
  const today = onDay(new Date().toISOString());
  return (
    <>
      <ScreenHead
        title="Audit log"
        about="Who did what, when and from where. Each entry seals the one before, so that none can be changed or taken out unseen."
        actions={
          <Menu position="bottom-end" width={240} shadow="md">
            <Menu.Target>
              <Button
                variant="default"
                leftSection={<IconDownload size={16} stroke={1.6} />}
                rightSection={<IconChevronDown size={14} stroke={1.8} />}
              >
                Export
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{isFiltered(filters) ? 'What the filters show' : 'The whole log'}</Menu.Label>
              <Menu.Item component="a" href={exportAddress(filters, 'csv')} download>
                CSV
              </Menu.Item>
              <Menu.Item component="a" href={exportAddress(filters, 'ndjson')} download>
                Lines of JSON
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        }
      />
      <FilterBar filters={filters} change={change} actors={actors} />
      {page.isError ? (
        <Trouble what="The audit log could not be read." error={page.error} onRetry={page.refetch} />
      ) : page.isPending ? (
        <ListSkeleton of="the audit log" />
      ) : entries.length === 0 ? (
        <NoEntries isFiltered={isFiltered(filters)} onClear={() => change(NO_FILTERS)} />
      ) : (
        <div className={styles['days']} data-stale={page.isPlaceholderData || undefined}>
          {byDay(entries).map(({ day, entries: ofDay }) => (
            <section key={day} aria-label={day}>
              <h2>{day === today ? 'Today' : day}</h2>
              <Entries label={day}>
                {ofDay.map((entry) => (
                  <AuditRow key={entry.sequence} of={entry} actorName={actorName} onFilter={change} />
                ))}
              </Entries>
            </section>
          ))}
        </div>
      )}
      {entries.length > 0 && <Pager of={['entry', 'entries']} shown={entries.length} {...waysFrom(page)} />}
    </>
  );
}

function NoEntries({
  isFiltered: isNarrowed,
  onClear,
}: {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}) {
  return (
    <Empty
      title={isNarrowed ? 'No entry matches' : 'Nothing was done yet'}
      action={
        isNarrowed && (
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        )
      }
    >
      {isNarrowed
        ? 'Ids are matched whole.'
        : 'Every change that an administrator makes is written down here.'}
    </Empty>
  );
}

/** Who can be chosen: those whom the viewer may know, those on the page, and the one who is chosen. */
function useActors(entries: readonly (Named & { readonly actor: string })[], chosen: string | null) {
  const me = useMe();
  const known = useKnownAdmins().data ?? [];
  const names = new Map(known.map(({ id, name }) => [id, name]));
  for (const { actor, actor_name } of entries) if (actor_name) names.set(actor, actor_name);
  names.set(me.id, me.name);
  const actorName = (id: string) => names.get(id) ?? shortId(id);
  const ids = new Set([
    ...names.keys(),
    ...entries.map(({ actor }) => actor),
    ...(chosen === null ? [] : [chosen]),
  ]);
  return { actorName, actors: [...ids].map((value) => ({ value, label: actorName(value) })) };
}
