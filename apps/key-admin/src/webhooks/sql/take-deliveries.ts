import type { DeliveryAttempt } from '@tollgate/contracts/webhooks';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { SealedSecret } from '../secret-vault.ts';

/** A delivery that this sender has, for as long as its lease lasts, with what it takes to send it. */
export interface TakenDelivery {
  readonly id: string;
  readonly webhook_id: string;
  readonly body: string;
  readonly failures: number;
  readonly tried_since: Date;
  readonly attempts: DeliveryAttempt[];
  readonly lease: string;
  readonly url: string;
  readonly secrets: SealedSecret[];
}

/** Longer than an attempt can take, with the statements around it. */
export const LEASE_MS = 30_000;

const TAKEN = `
  d.id, d.webhook_id, d.body, d.failures, d.tried_since, d.attempts, d.lease, w.url, w.secrets`;

/**
 * Takes what is due: from each webhook no more than what is left of its share, first one of each, then a second …
 * so that none waits behind the crowd of another. $1 now, $2 lease, $3 its end, $4 how many at most, $5 and $6
 * webhooks and how many of theirs are under way here, $7 the share of one.
 */
const TAKE = `
  with due as (
    select d.id, d.due_at, row_number() over (partition by w.id order by d.due_at, d.id) as turn
    from webhooks w
    left join unnest($5::text[], $6::int[]) as busy (webhook_id, count) on busy.webhook_id = w.id
    cross join lateral (
      select id, due_at from webhook_deliveries
      where webhook_id = w.id and state = 'pending' and due_at <= $1
      order by due_at, id
      limit greatest($7::int - coalesce(busy.count, 0), 0)
      for update skip locked) d
    where w.enabled),
  chosen as (select id from due order by turn, due_at, id limit $4)
  update webhook_deliveries d set lease = $2, due_at = $3
  from chosen, webhooks w
  where d.id = chosen.id and w.id = d.webhook_id
  returning ${TAKEN}`;

export interface Share {
  readonly atMost: number;
  readonly ofOneWebhook: number;
  /** Webhook → how many of its deliveries this sender has. */
  readonly busy: ReadonlyMap<string, number>;
}

export async function takeDeliveries(
  sql: Sql,
  lease: string,
  { atMost, ofOneWebhook, busy }: Share,
  nowMs: number,
): Promise<TakenDelivery[]> {
  const [taken] = await sql.query(TAKE, [
    new Date(nowMs),
    lease,
    new Date(nowMs + LEASE_MS),
    atMost,
    [...busy.keys()],
    [...busy.values()],
    ofOneWebhook,
  ]);
  return taken;
}

const TAKE_ONE = `
  update webhook_deliveries d set lease = $2, due_at = $3
  from webhooks w
  where d.id = $1 and w.id = d.webhook_id and d.state = 'pending'
  returning ${TAKEN}`;

/** Takes one delivery, due or not, in the transaction that queues it. */
export async function takeDelivery(
  sql: Sql,
  id: string,
  lease: string,
  nowMs: number,
): Promise<TakenDelivery | undefined> {
  const [[taken]] = await sql.query(TAKE_ONE, [id, lease, new Date(nowMs + LEASE_MS)]);
  return taken;
}
