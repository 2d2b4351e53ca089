import type { KeyExpiringMessage } from '@tollgate/contracts/webhooks';
import { NOTICE_DAYS, noticeDue, noticeId } from '@tollgate/domain/webhooks/expiry-notice';
import type { DataSource } from 'typeorm';
import { deliveriesOf, type Telling } from './deliveries-of.ts';
import { claimNotices, type ExpiringKey, type Notice, readExpiringKeys } from './sql/expiring-keys.ts';
import { insertDeliveries } from './sql/insert-deliveries.ts';
import { readSubscribers } from './sql/read-subscribers.ts';

const KEYS_AT_ONCE = 500;

/**
 * Queues the notices of keys' expiry that are due. Who notes a notice first tells it, in the same transaction, so it is
 * told once however many instances look, and late rather than never after a time when none did.
 * @returns how many notices were told
 */
export async function tellExpiring(db: DataSource, nowMs: number): Promise<number> {
  let told = 0;
  for (;;) {
    const keys = await readExpiringKeys(db, NOTICE_DAYS, nowMs, KEYS_AT_ONCE);
    told += await tell(db, keys, nowMs);
    if (keys.length < KEYS_AT_ONCE) return told;
  }
}

async function tell(db: DataSource, keys: readonly ExpiringKey[], nowMs: number): Promise<number> {
  const notices: Notice[] = [];
  const tellings = keys.flatMap((key) => {
    const days = noticeDue(key.expires_at.getTime(), nowMs);
    if (days === null) return [];
    const expiresAt = key.expires_at.toISOString();
    notices.push({ keyId: key.id, expiresAt, days });
    const telling: Telling = {
      eventId: noticeId(key.id, expiresAt, days),
      message: messageOf(key, days, nowMs),
      expired: false,
    };
    return [{ claim: `${key.id}/${days}`, telling }];
  });
  if (tellings.length === 0) return 0;
  return db.transaction(async (em) => {
    const claimed = await claimNotices(em, notices);
    const ours = tellings.filter(({ claim }) => claimed.has(claim)).map(({ telling }) => telling);
    await insertDeliveries(em, deliveriesOf(ours, await readSubscribers(em)), nowMs);
    return ours.length;
  });
}

const messageOf = (
  { id, name, team_id, owner, environment, expires_at }: ExpiringKey,
  within_days: KeyExpiringMessage['data']['within_days'],
  nowMs: number,
): KeyExpiringMessage => ({
  type: 'key.expiring',
  timestamp: new Date(nowMs).toISOString(),
  data: { key_id: id, name, team_id, owner, environment, expires_at: expires_at.toISOString(), within_days },
});
