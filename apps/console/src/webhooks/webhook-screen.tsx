import { Button } from '@mantine/core';
import { IconEdit, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Webhook } from '@tollgate/contracts/webhooks';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { When } from '../figures/when.tsx';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Facts } from '../overview/facts.tsx';
import { Made } from '../overview/made.tsx';
import { Notice } from '../overview/notice.tsx';
import overview from '../overview/overview.module.css';
import { Panel } from '../overview/panel.tsx';
import { WayBack } from '../overview/way-back.tsx';
import { CopyIcon } from '../secret/copy-icon.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { Deliveries } from './deliveries.tsx';
import { EVENT_WORDS } from './event-words.ts';
import { type WebhookAct, WebhookActDialog } from './webhook-act.tsx';
import { WebhookMenu } from './webhook-menu.tsx';
import { webhookName } from './webhook-name.ts';
import { WebhookState } from './webhook-state.tsx';
import styles from './webhooks.module.css';

/** A webhook: what it is told, whether that arrives, and what can be done with it. */
export function WebhookScreen({ id }: { readonly id: string }) {
  const webhook = useQuery({
    queryKey: ['webhooks', id, 'webhook'],
    queryFn: ({ signal }) => admin.webhooks.get({ id, signal }),
  });
  return (
    <>
      <WayBack to="/webhooks" title="Webhooks" />
      {webhook.isError ? (
        <>
          <ScreenHead title="Webhook" />
          <Trouble what="The webhook could not be read." error={webhook.error} onRetry={webhook.refetch} />
        </>
      ) : webhook.isPending ? (
        <ListSkeleton of="the webhook" lines={5} />
      ) : (
        <Shown of={webhook.data} />
      )}
    </>
  );
}

function Shown({ of: webhook }: { readonly of: Webhook }) {
  const may = useMay();
  const [doing, setDoing] = useState<WebhookAct | null>(null);
  const act = (name: WebhookAct['act']) => () => setDoing({ act: name, webhook });
  return (
    <div className={overview['stack']}>
      <ScreenHead
        title={webhookName(webhook)}
        about={
          <span className={overview['sub']}>
            <WebhookState of={webhook} />
            {new URL(webhook.url).host !== webhookName(webhook) && <code>{new URL(webhook.url).host}</code>}
          </span>
        }
        actions={
          <>
            {may(ADMIN_ROUTES.webhooks.test) && (
              <Button
                variant="default"
                leftSection={<IconSend size={16} stroke={1.6} />}
                onClick={act('test')}
              >
                Send test
              </Button>
            )}
            {may(ADMIN_ROUTES.webhooks.update) && (
              <Button
                variant="default"
                leftSection={<IconEdit size={16} stroke={1.6} />}
                onClick={act('edit')}
              >
                Edit
              </Button>
            )}
            <WebhookMenu of={webhook} onAct={setDoing} isOnPage />
          </>
        }
      />
      {webhook.disabled_reason === 'gone' && (
        <Notice tone="warn" title="Tollgate disabled this webhook: the receiver answered 410, gone">
          Nothing is queued for it until it is enabled again. Change the address first if the receiver has
          moved.
        </Notice>
      )}
      {webhook.previous_secret_until !== null && (
        <Notice
          tone="plain"
          title={
            <>
              Two secrets sign; the old one ends <When at={webhook.previous_secret_until} />
            </>
          }
        >
          Give the receiver the new one before then.
        </Notice>
      )}
      <div className={overview['columns']}>
        <div>
          <Deliveries webhookId={webhook.id} />
        </div>
        <div>
          <Panel title="Details">
            <Facts
              facts={[
                [
                  'Address',
                  <span key="url" className={styles['address']}>
                    <code>{webhook.url}</code>
                    <CopyIcon text={webhook.url} label="Copy the address" />
                  </span>,
                ],
                [
                  'Is told',
                  webhook.events === null
                    ? 'Everything'
                    : webhook.events.map((event) => EVENT_WORDS[event][0]).join(', '),
                ],
                ['Changed', <When key="changed" at={webhook.updated_at} />],
                ['Created', <Made key="created" of={webhook} />],
                ['Id', <code key="id">{webhook.id}</code>],
              ]}
            />
          </Panel>
        </div>
      </div>
      <WebhookActDialog doing={doing} onClose={() => setDoing(null)} />
    </div>
  );
}
