-- What was last published of a scope had been counted by then: requests are never taken back.
-- Where it had not, totals were changed by hand: `npm run metering -- rebuild --repair`.
SELECT scope_id, published_period_id, published_requests, coalesce(totals.requests, 0) AS requests
FROM scopes
LEFT JOIN totals USING (scope_id)
WHERE published_requests > 0
  AND (totals.period_id IS NULL OR totals.period_id = published_period_id AND totals.generation = published_generation)
  AND published_requests > coalesce(totals.requests, 0);
