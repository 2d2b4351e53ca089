import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Delivery } from '@tollgate/contracts/webhooks';
import { admin } from '../api/admin.ts';
import { counted } from '../figures/count.ts';
import { When } from '../figures/when.tsx';
import { Entry } from '../list/entries.tsx';
import { useMay } from '../session/may.ts';
import { inWords } from '../trouble/in-words.ts';
import attempts from './attempt.module.css';
import { Attempt } from './attempt.tsx';
import styles from './deliveries.module.css';
import { STATE_WORDS, typeWord } from './event-words.ts';
import { useWebhookChanged } from './use-webhook-changed.ts';

/** A message and what became of it; opened, each try with what the receiver answered. */
export function DeliveryEntry({ of: delivery }: { readonly of: Delivery }) {
  const { state, type, created_at } = delivery;
  return (
    <Entry
      summary={
        <div className={styles['line']}>
          <span className={styles['mark']} data-state={state}>
            <i aria-hidden="true" />
            {STATE_WORDS[state]}
          </span>
          <span>{typeWord(type)}</span>
          <span className={styles['last']}>{lastOf(delivery)}</span>
          <span className={styles['when']}>
            <When at={created_at} />
          </span>
        </div>
      }
    >
      {() => <Opened of={delivery} />}
    </Entry>
  );
}

function lastOf({ attempts: tries }: Delivery): string {
  const last = tries.at(-1);
  if (last === undefined) return 'not tried';
  return `${last.status ?? 'no answer'} · ${counted(tries.length, 'try', 'tries')}`;
}

function Opened({ of: delivery }: { readonly of: Delivery }) {
  const may = useMay();
  const changed = useWebhookChanged();
  const retry = useMutation({
    mutationFn: () => admin.webhooks.retry({ id: delivery.webhook_id, delivery_id: delivery.id }),
    onSuccess: () => changed('It is sent once more'),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'It was not sent', message: inWords(error) }),
  });
  return (
    <>
      {delivery.attempts.length === 0 ? (
        <p className={styles['none']}>
          {delivery.state === 'expired'
            ? 'The event was more than a day old when it was read, so that it was not sent.'
            : 'It has not been tried yet.'}
        </p>
      ) : (
        <ol className={attempts['attempts']} aria-label="Tries, newest first">
          {delivery.attempts.toReversed().map((attempt) => (
            <li key={attempt.at}>
              <Attempt of={attempt} />
            </li>
          ))}
        </ol>
      )}
      <div className={styles['foot']}>
        <span>
          <code>{delivery.id}</code>
          {delivery.next_attempt_at !== null && (
            <>
              {' '}
              · next try <When at={delivery.next_attempt_at} />
            </>
          )}
        </span>
        {may(ADMIN_ROUTES.webhooks.retry) && (
          <Button size="xs" variant="default" loading={retry.isPending} onClick={() => retry.mutate()}>
            {delivery.state === 'delivered' ? 'Send again' : 'Try now'}
          </Button>
        )}
      </div>
    </>
  );
}
