import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { lazy, Suspense, useCallback, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { useDrawn } from '../list/use-drawn.ts';
import { useWatched } from '../live/live.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { usePhone } from '../theme/phone.ts';
import { Trouble } from '../trouble/trouble.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { FilterBar } from './filter-bar.tsx';
import { type KeyAct, KeyActDialog } from './key-act.tsx';
import cards from './key-card.module.css';
import { KeyCard } from './key-card.tsx';
import { isFiltered, NO_FILTERS, SIZES, useKeyFilters } from './key-filters.ts';
import { KeyTable } from './key-table.tsx';
import { NoKeys } from './no-keys.tsx';
import { useKeyPage } from './use-key-page.ts';

const CreateKey = lazy(() => import('./create-key.tsx').then((file) => ({ default: file.CreateKey })));

/** Of a card and the room below it, about, in pixels. */
const CARD_HEIGHT = 180;

/** The API keys, their figures as they move, and all that can be done with them. `/keys/new` has the dialog open. */
export function KeysScreen() {
  const may = useMay();
  const isPhone = usePhone();
  const [here, go] = useLocation();
  const { filters, change } = useKeyFilters();
  const { page, number, goNext, goBack } = useKeyPage(filters);
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set());
  const [doing, setDoing] = useState<KeyAct | null>(null);
  const keys = page.data?.data ?? [];
  const chosen = new Set(keys.filter(({ id }) => marked.has(id)).map(({ id }) => id));
  useWatched(keys.map(({ id }) => id));

  const choose = useCallback((id: string, isChosen: boolean) => {
    setMarked((before) => {
      const after = new Set(before);
      if (isChosen) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);
  const { drawn, rest } = useDrawn(keys[0]?.id, keys.length);
  const canCreate = may(ADMIN_ROUTES.keys.create);
  const isBare = page.isSuccess && keys.length === 0 && !isFiltered(filters) && number === 1;

  return (
    <>
      <ScreenHead
        title="API keys"
        about="What opens the router, how much each may spend, and what it has."
        actions={
          canCreate &&
          !isBare && (
            <Button component={Link} href="/keys/new" leftSection={<IconPlus size={16} stroke={2} />}>
              Create API key
            </Button>
          )
        }
      />
      {!isBare && <FilterBar filters={filters} change={change} />}
      {page.isError ? (
        <Trouble what="The keys could not be read." error={page.error} onRetry={page.refetch} />
      ) : page.isPending ? (
        <ListSkeleton of="the keys" />
      ) : keys.length === 0 ? (
        <NoKeys isFiltered={isFiltered(filters)} onClear={() => change(NO_FILTERS)} canCreate={canCreate} />
      ) : isPhone ? (
        <ul className={cards['cards']}>
          {keys.slice(0, drawn).map((key) => (
            <KeyCard key={key.id} of={key} isChosen={chosen.has(key.id)} onChoose={choose} onAct={setDoing} />
          ))}
          {drawn < keys.length && (
            <li ref={rest} style={{ height: (keys.length - drawn) * CARD_HEIGHT }} aria-hidden="true" />
          )}
        </ul>
      ) : (
        <KeyTable
          keys={keys}
          drawn={drawn}
          rest={rest}
          chosen={chosen}
          onChoose={choose}
          onAct={setDoing}
          onChooseAll={(isChosen) => setMarked(new Set(isChosen ? keys.map(({ id }) => id) : []))}
          sort={filters.sort}
          onSort={(sort) => change({ sort })}
          isStale={page.isPlaceholderData}
        />
      )}
      {chosen.size > 0 && <BulkBar ids={[...chosen]} onDone={() => setMarked(new Set())} />}
      {keys.length > 0 && (
        <Pager
          of={['key', 'keys']}
          shown={keys.length}
          number={number}
          sizes={SIZES}
          size={filters.limit}
          onSize={(limit) => change({ limit })}
          goBack={goBack}
          goNext={goNext}
        />
      )}
      {here === '/keys/new' && canCreate && (
        <Suspense>
          <CreateKey onClose={() => go('/keys')} />
        </Suspense>
      )}
      <KeyActDialog doing={doing} onClose={() => setDoing(null)} />
    </>
  );
}
