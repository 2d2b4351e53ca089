import type { VersionedKey } from '@tollgate/service-kit/config';
import type { DataSource } from 'typeorm';

/** What can only be opened with a pepper. */
export interface PepperUse {
  readonly pepper: number;
  /** Whether TOLLGATE_KEY_PEPPERS has it, and whether it is the first, which signs. */
  readonly configured: boolean;
  readonly signs: boolean;
  /** Keys that are not revoked whose current secret was digested with it. */
  readonly keys: number;
  /** Secrets that a rotation replaced and that still open their keys, and when the last of them ends. */
  readonly replaced_secrets: number;
  readonly replaced_until: string | null;
  readonly admin_keys: number;
  /** Webhooks' secrets that are encrypted under it. */
  readonly webhook_secrets: number;
  /** Nothing hangs on it: it may be taken out of TOLLGATE_KEY_PEPPERS, of key-admin and of every gateway. */
  readonly may_go: boolean;
  /** Ids of some of the keys that hang on it. */
  readonly such_as: readonly string[];
}

const SUCH_AS = 10;

const USE = `
  with secret as (
    select keys.id, (s ->> 'pepper')::int as pepper, (s ->> 'expires_at')::timestamptz as expires_at
    from keys, jsonb_array_elements(state -> 'secrets') as s where revoked_at is null
  ), used as (
    select pepper, id, 1 as keys, 0 as replaced, null::timestamptz as until, 0 as admins, 0 as webhooks
    from secret where expires_at is null
    union all select pepper, id, 0, 1, expires_at, 0, 0 from secret where expires_at > $1
    union all select pepper, id, 0, 0, null, 1, 0 from admin_keys where revoked_at is null
      and (expires_at is null or expires_at > $1)
    union all select (s ->> 'pepper')::int, id, 0, 0, null, 0, 1
      from webhooks, jsonb_array_elements(secrets) as s
      where s ->> 'expires_at' is null or (s ->> 'expires_at')::timestamptz > $1
  )
  select pepper, sum(keys)::int as keys, sum(replaced)::int as replaced_secrets, max(until) as replaced_until,
    sum(admins)::int as admin_keys, sum(webhooks)::int as webhook_secrets,
    (array_agg(id order by id))[1:${SUCH_AS}] as such_as
  from used group by pepper`;

interface Row {
  readonly pepper: number;
  readonly keys: number;
  readonly replaced_secrets: number;
  readonly replaced_until: Date | null;
  readonly admin_keys: number;
  readonly webhook_secrets: number;
  readonly such_as: readonly string[];
}

/** Of each pepper that is configured or used: the newest first. */
export async function countPeppers(
  db: DataSource,
  peppers: readonly VersionedKey[],
  nowMs: number,
): Promise<PepperUse[]> {
  const rows: Row[] = await db.query(USE, [new Date(nowMs)]);
  const used = new Map(rows.map((row) => [row.pepper, row]));
  const versions = new Set([...peppers.map(({ version }) => version), ...used.keys()]);
  return [...versions]
    .sort((a, b) => b - a)
    .map((pepper) => {
      const row = used.get(pepper);
      const signs = peppers[0]?.version === pepper;
      return {
        pepper,
        configured: peppers.some(({ version }) => version === pepper),
        signs,
        keys: row?.keys ?? 0,
        replaced_secrets: row?.replaced_secrets ?? 0,
        replaced_until: row?.replaced_until?.toISOString() ?? null,
        admin_keys: row?.admin_keys ?? 0,
        webhook_secrets: row?.webhook_secrets ?? 0,
        may_go: row === undefined && !signs,
        such_as: row?.such_as ?? [],
      };
    });
}
