import type { DeliveryState, WebhookEvent } from '@tollgate/contracts/webhooks';

export const EVENT_WORDS: Record<WebhookEvent, readonly [title: string, about: string]> = {
  'limit.warned': ['Limit warned', 'A share of a limit is used that the organization warns at.'],
  'limit.breached': ['Limit reached', 'A limit is used up, and requests are refused.'],
  'limit.reset': ['Limit reset', 'Counters begin anew, with the period or by hand.'],
  'key.expiring': ['Key expiring', 'A week before a key expires, and a day before.'],
};

/** A type as the log of deliveries has it; those of later versions by their own name. */
export const typeWord = (type: string): string =>
  type === 'webhook.test' ? 'Test' : (EVENT_WORDS[type as WebhookEvent]?.[0] ?? type);

export const STATE_WORDS: Record<DeliveryState, string> = {
  pending: 'Pending',
  delivered: 'Delivered',
  failed: 'Failed',
  expired: 'Too old to send',
};
