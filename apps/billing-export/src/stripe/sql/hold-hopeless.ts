import { oldestStampMs, oldestUnknownMs } from '@tollgate/domain/billing/delivery';
import type { Sql } from '@tollgate/service-kit/postgres';

/** Those that are being attempted are left to their attempt. */
const HOLD = `
  UPDATE billing.meter_events SET state = 'held', problem = CASE
    WHEN unknown_since < to_timestamp($2::double precision / 1000)
    THEN 'whether Stripe has it is unknown, and it no longer recognises the identifier for sure: look there'
      || coalesce('; last: ' || problem, '')
    ELSE 'it is stamped too far in the past for Stripe to take it: bill it by hand' END
  WHERE state = 'pending' AND due_at <= to_timestamp($3::double precision / 1000)
    AND (stamped_at < to_timestamp($1::double precision / 1000)
      OR unknown_since < to_timestamp($2::double precision / 1000))`;

/** Gives to a person what can no longer be sent, or no longer without the danger of billing it twice. */
export async function holdHopeless(sql: Sql, nowMs: number): Promise<void> {
  await sql.query(HOLD, [oldestStampMs(nowMs), oldestUnknownMs(nowMs), nowMs]);
}
