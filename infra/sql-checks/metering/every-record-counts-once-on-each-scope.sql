-- What keys, teams and the organization used is, each by itself, what the ledger has and what left it.
-- Where it is not: `npm run metering -- rebuild` names the scopes, and sets them right with --repair.
WITH counted AS (
  SELECT scope, sum(cost) AS cost, sum(tokens) AS tokens, sum(requests) AS requests
  FROM totals JOIN scopes USING (scope_id) GROUP BY scope
), opening AS (
  SELECT scope, sum(cost) AS cost, sum(tokens) AS tokens, sum(requests) AS requests
  FROM opening_balances JOIN scopes USING (scope_id) GROUP BY scope
), ledger AS (
  SELECT coalesce(sum(cost), 0) AS cost, coalesce(sum(tokens_total), 0) AS tokens, coalesce(sum(requests), 0) AS requests
  FROM usage_ledger
)
SELECT scope, counted.*, ledger.*
FROM counted LEFT JOIN opening USING (scope), ledger
WHERE (counted.cost, counted.tokens, counted.requests) IS DISTINCT FROM (
  ledger.cost + coalesce(opening.cost, 0),
  ledger.tokens + coalesce(opening.tokens, 0),
  ledger.requests + coalesce(opening.requests, 0)
);
