import type { Sql } from '@tollgate/service-kit/postgres';
import type { WebhookRow } from '../webhook-row.ts';

const SAVE = `
  insert into webhooks (id, url, description, events, enabled, disabled_reason, secrets, created_at, created_by,
                        updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  on conflict (id) do update set
    url             = excluded.url,
    description     = excluded.description,
    events          = excluded.events,
    enabled         = excluded.enabled,
    disabled_reason = excluded.disabled_reason,
    secrets         = excluded.secrets,
    updated_at      = excluded.updated_at`;

/** Writes one webhook; of one that exists the caller holds the lock. */
export async function saveWebhook(sql: Sql, row: WebhookRow): Promise<void> {
  await sql.query(SAVE, [
    row.id,
    row.url,
    row.description,
    row.events,
    row.enabled,
    row.disabled_reason,
    JSON.stringify(row.secrets),
    row.created_at,
    row.created_by,
    row.updated_at,
  ]);
}
