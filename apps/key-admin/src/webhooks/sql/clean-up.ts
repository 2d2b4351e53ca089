import type { DeliveryAttempt } from '@tollgate/contracts/webhooks';
import type { Sql } from '@tollgate/service-kit/postgres';

const ROWS_AT_ONCE = 1_000;

const GIVE_UP = `
  update webhook_deliveries set state = 'failed', due_at = null, lease = null, attempts = attempts || $3::jsonb
  where id in (
    select id from webhook_deliveries
    where state = 'pending' and tried_since < $1 and due_at <= $2
    limit ${ROWS_AT_ONCE} for update skip locked)`;

/** Ends deliveries that nobody could send in time; tells how many, at most 1 000 at once. */
export async function giveUp(sql: Sql, sinceBefore: Date, now: Date, note: DeliveryAttempt): Promise<number> {
  const [, given] = await sql.query(GIVE_UP, [sinceBefore, now, JSON.stringify([note])]);
  return given;
}

const DELETE_OLD = `
  delete from webhook_deliveries where id in (
    select id from webhook_deliveries where created_at < $1 and state <> 'pending'
    order by created_at limit ${ROWS_AT_ONCE} for update skip locked)`;

/** Deletes what was settled and began before an instant; tells how many, at most 1 000 at once. */
export async function deleteOld(sql: Sql, before: Date): Promise<number> {
  const [, deleted] = await sql.query(DELETE_OLD, [before]);
  return deleted;
}

/** The id is by age, so those from a webhook's `$1`th newest on are beyond what is kept of it. */
const DELETE_BEYOND = `
  delete from webhook_deliveries where id in (
    select d.id from webhooks w
    cross join lateral (
      select id from webhook_deliveries where webhook_id = w.id order by id desc offset $1 limit 1) as edge
    join webhook_deliveries d on d.webhook_id = w.id and d.id <= edge.id and d.state <> 'pending'
    limit ${ROWS_AT_ONCE})`;

/** Deletes settled deliveries beyond so many of each webhook; tells how many, at most 1 000 at once. */
export async function deleteBeyond(sql: Sql, kept: number): Promise<number> {
  const [, deleted] = await sql.query(DELETE_BEYOND, [kept]);
  return deleted;
}

/** Notices of expiries that are long past. */
export async function deleteNotices(sql: Sql, before: Date): Promise<void> {
  await sql.query('delete from webhook_notices where expires_at < $1', [before]);
}
