import type { NoticeDays } from '@tollgate/domain/webhooks/expiry-notice';
import type { Sql } from '@tollgate/service-kit/postgres';

export interface ExpiringKey {
  readonly id: string;
  readonly name: string;
  readonly team_id: string;
  readonly owner: string | null;
  readonly environment: string | null;
  readonly expires_at: Date;
}

/** Live keys that expire after $1: until $4 without a notice of $5 days, or until $2 without one of $3. */
const READ = `
  select id, state ->> 'name' as name, team_id, owner, environment, expires_at from keys k
  where revoked_at is null and expires_at > $1 and expires_at <= $2
    and not exists (
      select from webhook_notices n
      where n.key_id = k.id and n.expires_at = k.expires_at
        and n.within_days = case when k.expires_at <= $4 then $5::int else $3::int end)
  order by expires_at, id limit $6`;

const DAY_MS = 86_400_000;

/** Keys whose due notice nobody has told. `notices` are days, the earliest first. */
export function readExpiringKeys(
  sql: Sql,
  [early, late]: readonly [NoticeDays, NoticeDays],
  nowMs: number,
  limit: number,
): Promise<ExpiringKey[]> {
  const within = (days: number) => new Date(nowMs + days * DAY_MS);
  return sql.query(READ, [new Date(nowMs), within(early), early, within(late), late, limit]);
}

export interface Notice {
  readonly keyId: string;
  readonly expiresAt: string;
  readonly days: NoticeDays;
}

const CLAIM = `
  insert into webhook_notices (key_id, expires_at, within_days)
  select key_id, expires_at, days
  from unnest($1::text[], $2::timestamptz[], $3::int[]) as notice (key_id, expires_at, days)
  order by key_id, expires_at, days
  on conflict do nothing
  returning key_id, within_days as days`;

/** Notes notices as told; answers `key/days` of those that nobody had noted. */
export async function claimNotices(sql: Sql, notices: readonly Notice[]): Promise<Set<string>> {
  const rows: { key_id: string; days: number }[] = await sql.query(CLAIM, [
    notices.map(({ keyId }) => keyId),
    notices.map(({ expiresAt }) => expiresAt),
    notices.map(({ days }) => days),
  ]);
  return new Set(rows.map(({ key_id, days }) => `${key_id}/${days}`));
}
