import { GIVE_UP_AFTER_MS } from '@tollgate/domain/webhooks/retry';
import type { DataSource } from 'typeorm';
import { deleteBeyond, deleteNotices, deleteOld, giveUp } from './sql/clean-up.ts';

const KEPT_MS = 30 * 86_400_000;
/** Of each webhook: with 20 of them, about 3 GB at the very most. */
const KEPT_DELIVERIES = 50_000;

/**
 * Ends what could not be sent in three days, since its webhook was disabled or no sender ran, and forgets what is older
 * than 30 days or beyond what is kept of a webhook.
 * @returns how many deliveries were given up
 */
export async function cleanUp(db: DataSource, nowMs: number): Promise<number> {
  const before = (ms: number) => new Date(nowMs - ms);
  const note = {
    at: new Date(nowMs).toISOString(),
    status: null,
    ms: 0,
    response: null,
    error: 'Given up after three days in which the webhook was disabled or no sender ran.',
  };
  const given = await untilNone(() => giveUp(db, before(GIVE_UP_AFTER_MS), new Date(nowMs), note));
  await untilNone(() => deleteOld(db, before(KEPT_MS)));
  await untilNone(() => deleteBeyond(db, KEPT_DELIVERIES));
  await deleteNotices(db, before(KEPT_MS));
  return given;
}

async function untilNone(step: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await step();
    if (count === 0) return total;
    total += count;
  }
}
