import type { WebhookMessage } from '@tollgate/contracts/webhooks';
import { newId } from '@tollgate/service-kit/ids';
import type { NewDelivery } from './sql/insert-deliveries.ts';
import type { Subscriber } from './sql/read-subscribers.ts';

/** Something to tell, once to each webhook that wants its type. */
export interface Telling {
  readonly eventId: string;
  readonly message: Exclude<WebhookMessage, { type: 'webhook.test' }>;
  /** It happened too long ago to be sent, and is only noted. */
  readonly expired: boolean;
}

/** One delivery of each telling for each webhook that wants it. */
export const deliveriesOf = (
  tellings: readonly Telling[],
  subscribers: readonly Subscriber[],
): NewDelivery[] =>
  tellings.flatMap(({ eventId, message, expired }) => {
    const body = JSON.stringify(message);
    const { type } = message;
    return subscribers
      .filter(({ events }) => events === null || events.includes(type))
      .map(({ id: webhookId }) => ({
        id: newId('dlv'),
        webhookId,
        eventId,
        type,
        body,
        state: expired ? ('expired' as const) : ('pending' as const),
      }));
  });
