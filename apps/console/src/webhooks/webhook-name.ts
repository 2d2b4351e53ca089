import type { Webhook } from '@tollgate/contracts/webhooks';

/** What people call a webhook: as it is described, else the host that it goes to. */
export const webhookName = ({ description, url }: Pick<Webhook, 'description' | 'url'>): string =>
  description ?? new URL(url).host;
