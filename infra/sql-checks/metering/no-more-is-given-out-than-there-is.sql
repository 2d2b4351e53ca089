-- What a scope has used, and what gateways may still use of it, is within its limit, where a gateway was given anything
-- under the limit of now. Where it is not, a correction charged more, or a provider counted more than was held for it:
-- see `npm run metering -- allowances` and the metric tollgate_allowances_overdrawn_total. Anything else is a mistake
-- here: give nothing out by setting enforcement to "soft", and report it.
WITH held AS (
  SELECT scope_id, period_id, generation, max(granted_revision) AS revision,
    sum(greatest(granted_cost - folded_cost, 0)) AS cost, sum(greatest(granted_tokens - folded_tokens, 0)) AS tokens
  FROM allowances WHERE state <> 'lost' GROUP BY 1, 2, 3
)
SELECT held.scope_id, held.period_id, held.generation, cost_limit, coalesce(t.cost, 0) AS used_cost, held.cost AS held_cost,
  token_limit, coalesce(t.tokens, 0) AS used_tokens, held.tokens AS held_tokens
FROM held
JOIN scopes ON scopes.scope_id = held.scope_id
LEFT JOIN totals t ON t.scope_id = held.scope_id AND t.period_id = held.period_id AND t.generation = held.generation
WHERE is_hard AND held.generation = scopes.generation AND revision = limit_revision AND (
  held.cost > 0 AND coalesce(t.cost, 0) + held.cost > cost_limit
  OR held.tokens > 0 AND coalesce(t.tokens, 0) + held.tokens > token_limit
);
