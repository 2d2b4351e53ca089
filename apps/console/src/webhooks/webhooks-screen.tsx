import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { MAX_WEBHOOKS, type Webhook } from '@tollgate/contracts/webhooks';
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { admin } from '../api/admin.ts';
import table from '../figures/table.module.css';
import { When } from '../figures/when.tsx';
import { type Column, List } from '../list/list.tsx';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { EVENT_WORDS } from './event-words.ts';
import { type WebhookAct, WebhookActDialog } from './webhook-act.tsx';
import { WebhookMenu } from './webhook-menu.tsx';
import { webhookName } from './webhook-name.ts';
import { WebhookState } from './webhook-state.tsx';

const CreateWebhook = lazy(() =>
  import('./create-webhook.tsx').then((file) => ({ default: file.CreateWebhook })),
);

const COLUMNS: readonly [Column<Webhook>, ...Column<Webhook>[]] = [
  {
    title: 'Receiver',
    width: '38%',
    of: (webhook) => (
      <>
        <Link href={`/webhooks/${webhook.id}`} className={table['name']!} title={webhook.url}>
          <bdi>{webhookName(webhook)}</bdi>
        </Link>
        <span className={table['second']} title={webhook.url}>
          {webhook.description === null
            ? new URL(webhook.url).pathname
            : webhook.url.replace(/^https:\/\//, '')}
        </span>
      </>
    ),
  },
  {
    title: 'Is told',
    of: ({ events }) =>
      events === null ? 'Everything' : events.map((event) => EVENT_WORDS[event][0]).join(', '),
  },
  { title: 'Status', width: '150px', of: (webhook) => <WebhookState of={webhook} /> },
  {
    title: 'Note',
    width: '20%',
    of: ({ disabled_reason, previous_secret_until }) =>
      disabled_reason === 'gone' ? (
        <span className={table['soon']}>The receiver answered 410, gone</span>
      ) : previous_secret_until !== null ? (
        <>
          Two secrets sign, one ends <When at={previous_secret_until} />
        </>
      ) : (
        <span className={table['faint']}>—</span>
      ),
  },
  { title: 'Changed', isWide: true, width: '12%', of: ({ updated_at }) => <When at={updated_at} /> },
];

/** Who is told when a limit is warned of or reached. `/webhooks/new` has the dialog open. */
export function WebhooksScreen() {
  const may = useMay();
  const [here, go] = useLocation();
  const [doing, setDoing] = useState<WebhookAct | null>(null);
  const webhooks = useQuery({
    queryKey: ['webhooks', 'list'],
    queryFn: ({ signal }) => admin.webhooks.list({ query: { limit: MAX_WEBHOOKS }, signal }),
  });
  const shown = webhooks.data?.data ?? [];
  const create = may(ADMIN_ROUTES.webhooks.create) && (
    <Button component={Link} href="/webhooks/new" leftSection={<IconPlus size={16} stroke={2} />}>
      Create webhook
    </Button>
  );
  return (
    <>
      <ScreenHead
        title="Webhooks"
        about="What Tollgate tells other systems: limits that are warned of and reached, keys that expire."
        actions={shown.length > 0 && create}
      />
      {webhooks.isError ? (
        <Trouble what="The webhooks could not be read." error={webhooks.error} onRetry={webhooks.refetch} />
      ) : webhooks.isPending ? (
        <ListSkeleton of="the webhooks" lines={3} />
      ) : shown.length === 0 ? (
        <Empty title="Nobody is told yet" action={create}>
          A webhook posts a signed message to an address of yours when a limit is warned of or reached, and
          tries again for three days until it is taken.
        </Empty>
      ) : (
        <List
          label="Webhooks"
          items={shown}
          keyOf={({ id }) => id}
          columns={COLUMNS}
          isOff={({ enabled }) => !enabled}
          menuOf={(webhook) => <WebhookMenu of={webhook} onAct={setDoing} />}
        />
      )}
      {here === '/webhooks/new' && may(ADMIN_ROUTES.webhooks.create) && (
        <Suspense>
          <CreateWebhook onClose={() => go('/webhooks')} />
        </Suspense>
      )}
      <WebhookActDialog doing={doing} onClose={() => setDoing(null)} />
    </>
  );
}
