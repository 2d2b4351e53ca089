import type { CreateWebhookBody, Webhook, WebhookEvent } from '@tollgate/contracts/webhooks';

export interface WebhookFormValues {
  url: string;
  description: string;
  /** `all`: types of later versions too. */
  which: 'all' | 'chosen';
  events: WebhookEvent[];
}

export const SHOWN_FIELDS: readonly string[] = ['url', 'description', 'events'];

export const webhookValuesOf = (webhook?: Webhook): WebhookFormValues => ({
  url: webhook?.url ?? '',
  description: webhook?.description ?? '',
  which: (webhook?.events ?? null) === null ? 'all' : 'chosen',
  events: webhook?.events ?? [],
});

export const webhookBodyOf = ({ url, description, which, events }: WebhookFormValues): CreateWebhookBody => ({
  url: url.trim(),
  description: description.trim() === '' ? null : description.trim(),
  events: which === 'all' ? null : events,
});
