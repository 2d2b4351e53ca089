import type { AuditAction } from '@tollgate/contracts/audit-http';
import type { Deed } from '../audit/audit-trail.ts';
import type { WebhookRow } from './webhook-row.ts';

/** What the audit log keeps of a webhook; of an address no more than its host, since its path can be a secret. */
const shown = ({ url, description, events, enabled }: WebhookRow) => ({
  host: new URL(url).host,
  description,
  events,
  enabled,
});

/** What was done to a webhook; none of `before` and `after` is a secret. */
export const webhookDeed = (
  action: AuditAction,
  before: WebhookRow | null,
  after: WebhookRow | null,
  nowMs: number,
): Deed => ({
  at: nowMs,
  action,
  target: (after ?? before)!.id,
  team_id: null,
  before: before && shown(before),
  after: after && shown(after),
});

/** What was done to one delivery of a webhook. */
export const deliveryDeed = (
  action: 'webhook.tested' | 'webhook.delivery_retried',
  webhookId: string,
  delivery_id: string,
  nowMs: number,
): Deed => ({
  ...{ at: nowMs, action, target: webhookId, team_id: null },
  ...{ before: null, after: { delivery_id } },
});

/** What was done where a webhook is saved: none where it is as it was. */
export function changeDeed(before: WebhookRow | null, after: WebhookRow, nowMs: number): Deed[] {
  if (before === null) return [webhookDeed('webhook.created', null, after, nowMs)];
  const isSame = before.url === after.url && JSON.stringify(shown(before)) === JSON.stringify(shown(after));
  return isSame ? [] : [webhookDeed('webhook.updated', before, after, nowMs)];
}
