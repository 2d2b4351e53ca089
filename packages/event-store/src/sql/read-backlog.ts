/** Counts no further than somebody wants to know. */
export const READ_BACKLOG = `
  SELECT (SELECT count(*)::int FROM (SELECT FROM outbox LIMIT 10001) AS waiting) AS records,
    coalesce(extract(epoch FROM clock_timestamp() -
      (SELECT created_at FROM outbox ORDER BY position LIMIT 1)), 0)::float8 AS age_seconds`;
