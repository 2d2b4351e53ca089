-- What keys, teams and the organization used is, each by itself, what the ledger has and what left it. What was charged
-- for lost allowances counts on one scope alone: on the key or team that it names, or on the organization.
-- Where it is not: `npm run metering -- rebuild` names the scopes, and sets them right with --repair.
WITH counted AS (
  SELECT scope, sum(cost) AS cost, sum(tokens) AS tokens, sum(requests) AS requests
  FROM totals JOIN scopes USING (scope_id) GROUP BY scope
), opening AS (
  SELECT scope, sum(cost) AS cost, sum(tokens) AS tokens, sum(requests) AS requests
  FROM opening_balances JOIN scopes USING (scope_id) GROUP BY scope
), parts AS (
  SELECT CASE WHEN kind <> 'lost' THEN 'all' WHEN key_id <> '' THEN 'key' WHEN team_id <> '' THEN 'team'
      ELSE 'organization' END AS part,
    coalesce(sum(cost), 0) AS cost, coalesce(sum(tokens_total), 0) AS tokens, coalesce(sum(requests), 0) AS requests
  FROM usage_ledger GROUP BY 1
), ledger AS (
  SELECT scope, coalesce(sum(cost), 0) AS cost, coalesce(sum(tokens), 0) AS tokens,
    coalesce(sum(requests), 0) AS requests
  FROM (VALUES ('key'), ('team'), ('organization')) AS kinds (scope)
  LEFT JOIN parts ON part IN ('all', scope)
  GROUP BY scope
)
SELECT scope, counted.*, ledger.*
FROM counted LEFT JOIN opening USING (scope) JOIN ledger USING (scope)
WHERE (counted.cost, counted.tokens, counted.requests) IS DISTINCT FROM (
  ledger.cost + coalesce(opening.cost, 0),
  ledger.tokens + coalesce(opening.tokens, 0),
  ledger.requests + coalesce(opening.requests, 0)
);
