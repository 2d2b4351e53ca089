import type { EntityManager } from 'typeorm';

/** How long a creation can be repeated and be recognised. */
const KEPT = `interval '24 hours'`;
/** So many of the old ones go with each new one, so that no more stay than were made in a day. */
const FORGOTTEN_AT_ONCE = 100;

const FORGET = `
  delete from key_creations where (actor, idempotency_key) in (
    select actor, idempotency_key from key_creations where claimed_at < now() - ${KEPT}
    limit ${FORGOTTEN_AT_ONCE} for update skip locked)`;

const CLAIM = `
  insert into key_creations (actor, idempotency_key, body_sha256, key_id) values ($1, $2, $3, $4)
  on conflict (actor, idempotency_key) do nothing returning key_id`;

const FIND = 'select body_sha256, key_id from key_creations where actor = $1 and idempotency_key = $2';

export interface Creation {
  readonly actor: string;
  readonly idempotencyKey: string;
  /** SHA-256 of what was asked for, in hex. */
  readonly bodySha256: string;
  readonly keyId: string;
}

/**
 * Claims an idempotency key for a creation in the caller's transaction. One that is under way elsewhere is waited for.
 * @returns the creation that claimed it before, or `null` where this one has
 */
export async function claimCreation(
  em: EntityManager,
  { actor, idempotencyKey, bodySha256, keyId }: Creation,
): Promise<Pick<Creation, 'bodySha256' | 'keyId'> | null> {
  await em.query(FORGET);
  const claimed: unknown[] = await em.query(CLAIM, [actor, idempotencyKey, bodySha256, keyId]);
  if (claimed.length > 0) return null;
  const [row] = await em.query(FIND, [actor, idempotencyKey]);
  return { bodySha256: row.body_sha256, keyId: row.key_id };
}
