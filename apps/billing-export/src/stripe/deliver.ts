import type { StripeMeterEvent } from '@tollgate/contracts/billing-http';
import { afterAttempt, type Outcome } from '@tollgate/domain/billing/delivery';
import type { DataSource } from 'typeorm';
import { holdHopeless } from './sql/hold-hopeless.ts';
import { type LeasedEvent, leaseDue } from './sql/lease-due.ts';
import { settleAttempt } from './sql/settle-attempt.ts';

/** Hands one event over and says what came of it; never throws. */
export type Deliver = (event: StripeMeterEvent) => Promise<Outcome>;

/** How events are delivered, for Nest to inject; `null` where nothing is to be sent. */
export const DELIVER = Symbol('deliver');

const AT_ONCE = 8;

/**
 * Delivers events that are due, some at a time. Side effects in order:
 * 1. an attempt is noted as one of unknown outcome, and committed: who dies after it leaves that behind;
 * 2. Stripe is called, with the event's own identifier, which it recognises for 24 hours;
 * 3. what came of it is noted. Where that fails, the event is due again and Stripe knows it.
 *
 * @returns how many were attempted
 */
export async function deliverDue(db: DataSource, deliver: Deliver, clock: () => number): Promise<number> {
  await holdHopeless(db.manager, clock());
  const due = await leaseDue(db.manager, AT_ONCE, clock());
  await Promise.all(due.map((event) => attempt(db, deliver, event, clock)));
  return due.length;
}

async function attempt(
  db: DataSource,
  deliver: Deliver,
  leased: LeasedEvent,
  clock: () => number,
): Promise<void> {
  const outcome = await deliver(leased.event);
  const nowMs = clock();
  const next = afterAttempt(outcome, leased.attempts, leased.unknownBefore, nowMs);
  await settleAttempt(db.manager, leased, next, nowMs);
}
