/** An arbitrary number, the same in every relay; session locks are apart for each database. */
const OUTBOX_LOCK = 7_466_321_905;

export const TRY_LEAD = `select pg_try_advisory_lock(${OUTBOX_LOCK}) as leading`;
