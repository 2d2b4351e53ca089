import { SegmentedControl } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type DeliveryState, deliveryState } from '@tollgate/contracts/webhooks';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { Entries } from '../list/entries.tsx';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { usePages } from '../list/use-pages.ts';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './deliveries.module.css';
import { DeliveryEntry } from './delivery-entry.tsx';
import { STATE_WORDS } from './event-words.ts';

const PAGE = 25;
/** While something waits to be sent, what became of it is looked for. */
const WHILE_PENDING_MS = 3_000;
const CHOICES = [
  { value: 'all', label: 'All' },
  ...deliveryState.options.map((value) => ({
    value,
    label: value === 'expired' ? 'Too old' : STATE_WORDS[value],
  })),
];

/** What was sent to a webhook, newest first. */
export function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const [choice, setChoice] = useState<DeliveryState | 'all'>('all');
  const { cursor, waysFrom } = usePages({ webhookId, choice });
  const page = useQuery({
    queryKey: ['webhooks', webhookId, 'deliveries', choice, cursor ?? null],
    queryFn: ({ signal }) =>
      admin.webhooks.deliveries({
        id: webhookId,
        query: { limit: PAGE, ...(choice !== 'all' && { state: choice }), ...(cursor && { cursor }) },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.data.some((one) => one.state === 'pending') ? WHILE_PENDING_MS : false,
  });
  const shown = page.data?.data ?? [];
  return (
    <section aria-label="Deliveries">
      <header className={styles['head']}>
        <h2>Deliveries</h2>
        <SegmentedControl
          size="xs"
          aria-label="Which are shown"
          data={CHOICES}
          value={choice}
          onChange={(value) => setChoice(value as DeliveryState | 'all')}
        />
      </header>
      {page.isError ? (
        <Trouble what="The deliveries could not be read." error={page.error} onRetry={page.refetch} />
      ) : page.isPending ? (
        <ListSkeleton of="the deliveries" lines={5} />
      ) : shown.length === 0 ? (
        <p className={styles['blank']}>
          {choice === 'all'
            ? 'Nothing was sent yet. A test shows at once whether the receiver takes it.'
            : 'No delivery is in this state.'}
        </p>
      ) : (
        <Entries label="Deliveries">
          {shown.map((one) => (
            <DeliveryEntry key={one.id} of={one} />
          ))}
        </Entries>
      )}
      {shown.length > 0 && <Pager of={['delivery', 'deliveries']} shown={shown.length} {...waysFrom(page)} />}
    </section>
  );
}
