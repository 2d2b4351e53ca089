import type { Webhook, WebhookEvent } from '@tollgate/contracts/webhooks';
import type { SealedSecret } from './secret-vault.ts';

/** A webhook as its table has it. */
export interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly events: WebhookEvent[] | null;
  readonly enabled: boolean;
  readonly disabled_reason: 'gone' | null;
  /** The current one first. */
  readonly secrets: SealedSecret[];
  readonly created_at: Date;
  readonly created_by: string;
  readonly updated_at: Date;
}

/** Those of a webhook's secrets that sign now. */
export const liveSecrets = (secrets: readonly SealedSecret[], nowMs: number): SealedSecret[] =>
  secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > nowMs);

/**
 * A webhook as the API shows it: never with a secret.
 * @param names of who made it, where it is read
 */
export const toWebhookView = (
  row: WebhookRow,
  nowMs: number,
  names?: ReadonlyMap<string, string>,
): Webhook => ({
  id: row.id,
  url: row.url,
  description: row.description,
  events: row.events,
  enabled: row.enabled,
  disabled_reason: row.disabled_reason,
  created_at: row.created_at.toISOString(),
  created_by: row.created_by,
  created_by_name: names?.get(row.created_by),
  updated_at: row.updated_at.toISOString(),
  previous_secret_until:
    liveSecrets(row.secrets, nowMs)
      .flatMap(({ expires_at }) => expires_at ?? [])
      .sort()
      .at(-1) ?? null,
});
