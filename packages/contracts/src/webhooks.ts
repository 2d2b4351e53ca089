import { z } from 'zod';
import { namesOfToday, rotateKeyBody } from './admin-http.ts';
import { limitEvent } from './events.ts';
import { deliveryId, webhookId } from './ids.ts';

/**
 * Webhooks as the Standard Webhooks specification (https://www.standardwebhooks.com) has them: a POST with the headers
 * `webhook-id`, `webhook-timestamp` (Unix seconds) and `webhook-signature`, and the body {@link webhookMessage}. The
 * signature is `v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`; while a secret is being replaced
 * there are several, separated by spaces. Deliveries come at least once and in no promised order: a receiver knows one
 * that it has had by its `webhook-id`.
 */
export const WEBHOOK_EVENTS = ['limit.warned', 'limit.breached', 'limit.reset', 'key.expiring'] as const;
export const webhookEvent = z.enum(WEBHOOK_EVENTS, `must be one of ${WEBHOOK_EVENTS.join(', ')}`);
export type WebhookEvent = z.infer<typeof webhookEvent>;
export type WebhookType = WebhookEvent | 'webhook.test';

export const MAX_WEBHOOKS = 20;
export const MAX_WEBHOOK_URL = 2_048;

const url = z
  .url({ protocol: /^https?$/, error: 'must be an https address' })
  .max(MAX_WEBHOOK_URL, `must have at most ${MAX_WEBHOOK_URL} characters`);
const description = z.string().trim().min(1).max(512, 'must have 1 to 512 characters').nullable();
/** Which types are sent; `null` is all, those of later versions too. */
const events = z
  .array(webhookEvent)
  .min(1, 'must name at least one type; null is all')
  .max(WEBHOOK_EVENTS.length)
  .refine((types) => new Set(types).size === types.length, 'must name each type once')
  .nullable();

export const createWebhookBody = z.strictObject({
  url,
  description: description.optional(),
  events: events.optional(),
  enabled: z.boolean().optional(),
});
export type CreateWebhookBody = z.infer<typeof createWebhookBody>;

export const patchWebhookBody = createWebhookBody.partial();
export type PatchWebhookBody = z.infer<typeof patchWebhookBody>;

/** The whole list: an entry with an id changes that webhook, one without makes one, and those not named go. */
export const replaceWebhooksBody = z
  .array(createWebhookBody.extend({ id: webhookId.optional() }))
  .max(MAX_WEBHOOKS, `must have at most ${MAX_WEBHOOKS} webhooks`)
  .refine((list) => {
    const ids = list.flatMap(({ id }) => id ?? []);
    return new Set(ids).size === ids.length;
  }, 'must name each webhook once');
export type ReplaceWebhooksBody = z.infer<typeof replaceWebhooksBody>;

/** For how long the replaced secret signs too; 0 if it leaked. */
export const rotateWebhookBody = rotateKeyBody;
export type RotateWebhookBody = z.infer<typeof rotateWebhookBody>;

const pageLimit = (most: number) =>
  z.coerce
    .number()
    .int()
    .min(1, `must be from 1 to ${most}`)
    .max(most, `must be from 1 to ${most}`)
    .default(25);
const cursor = z.string().max(512).optional();

export const listWebhooksQuery = z.strictObject({ limit: pageLimit(200), cursor });
export type ListWebhooksQuery = z.infer<typeof listWebhooksQuery>;

/** `expired`: the event was more than a day old when it was read, and was not sent. */
export const deliveryState = z.enum(['pending', 'delivered', 'failed', 'expired']);
export type DeliveryState = z.infer<typeof deliveryState>;

export const listDeliveriesQuery = z.strictObject({
  state: deliveryState.optional(),
  limit: pageLimit(100),
  cursor,
});
export type ListDeliveriesQuery = z.infer<typeof listDeliveriesQuery>;

export const webhook = z.object({
  id: webhookId,
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(webhookEvent).nullable(),
  enabled: z.boolean(),
  /** Why Tollgate disabled it: `gone` where the receiver answered 410. */
  disabled_reason: z.enum(['gone']).nullable(),
  created_at: z.string(),
  created_by: z.string(),
  created_by_name: namesOfToday.created_by_name,
  updated_at: z.string(),
  /** Until when a secret that was replaced signs beside the current one. */
  previous_secret_until: z.string().nullable(),
});
export type Webhook = z.infer<typeof webhook>;

/** `secret` is `whsec_` and the base64 of 32 bytes; it is shown here and never again. */
export const webhookWithSecret = z.object({ webhook, secret: z.string() });
export type WebhookWithSecret = z.infer<typeof webhookWithSecret>;
export const webhookPage = z.object({ data: z.array(webhook), next_cursor: z.string().nullable() });
export type WebhookPage = z.infer<typeof webhookPage>;

/** What {@link replaceWebhooksBody} led to, with the secrets of those that are new. */
export const replacedWebhooks = z.object({
  webhooks: z.array(webhook),
  secrets: z.array(z.object({ id: webhookId, secret: z.string() })),
});
export type ReplacedWebhooks = z.infer<typeof replacedWebhooks>;

export const deliveryAttempt = z.object({
  at: z.string(),
  /** The receiver's HTTP status; `null` where it gave none. */
  status: z.int().nullable(),
  ms: z.int().nonnegative(),
  /** The first 1 KiB of what it answered. */
  response: z.string().nullable(),
  /** Why there was no good answer. */
  error: z.string().nullable(),
});
export type DeliveryAttempt = z.infer<typeof deliveryAttempt>;

/** Attempts beyond these are forgotten, the oldest first. */
export const KEPT_ATTEMPTS = 16;

export const delivery = z.object({
  /** Also the `webhook-id` that the receiver sees. */
  id: deliveryId,
  webhook_id: webhookId,
  type: z.string(),
  /** Of the event that it tells of. */
  event_id: z.string(),
  state: deliveryState,
  created_at: z.string(),
  next_attempt_at: z.string().nullable(),
  attempts: z.array(deliveryAttempt),
});
export type Delivery = z.infer<typeof delivery>;
export const deliveryAnswer = z.object({ delivery });
export type DeliveryAnswer = z.infer<typeof deliveryAnswer>;
export const deliveryPage = z.object({ data: z.array(delivery), next_cursor: z.string().nullable() });
export type DeliveryPage = z.infer<typeof deliveryPage>;

/** A limit event as its topic has it, with the name of its scope where that is known. */
export const limitMessage = z.object({
  type: z.enum(['limit.warned', 'limit.breached', 'limit.reset']),
  timestamp: z.string(),
  data: limitEvent.extend({ scope_name: z.string().nullable() }),
});
/** Told once for each expiry of a key: a week before, and a day before. */
export const keyExpiringMessage = z.object({
  type: z.literal('key.expiring'),
  timestamp: z.string(),
  data: z.object({
    key_id: z.string(),
    name: z.string(),
    team_id: z.string(),
    owner: z.string().nullable(),
    environment: z.string().nullable(),
    expires_at: z.string(),
    /** Days before the expiry from which this is told. */
    within_days: z.union([z.literal(7), z.literal(1)]),
  }),
});
export type KeyExpiringMessage = z.infer<typeof keyExpiringMessage>;
export const testMessage = z.object({
  type: z.literal('webhook.test'),
  timestamp: z.string(),
  data: z.object({ webhook_id: webhookId }),
});

/** The body of a delivery. `timestamp` is when the event happened, RFC 3339. */
export const webhookMessage = z.discriminatedUnion('type', [limitMessage, keyExpiringMessage, testMessage]);
export type WebhookMessage = z.infer<typeof webhookMessage>;
