import { formatUsd } from '@tollgate/contracts/money';
import type { AllowancesHeldAnswer } from '@tollgate/contracts/operations-http';
import { type Amounts, outstanding } from '@tollgate/domain/allowance/book';
import type { Sql } from '@tollgate/service-kit/postgres';
import { toCount } from '../limits/limit-event.ts';
import { listAllowances } from './sql/read-allowances.ts';

const MOST_LISTED = 1_000;

/** What gateways hold of limits. */
export async function heldAllowances(sql: Sql): Promise<AllowancesHeldAnswer> {
  const rows = await listAllowances(sql, MOST_LISTED);
  return {
    data: rows.map((row) => ({
      id: row.id,
      scope_id: row.scopeId,
      ...row.holder,
      period_id: row.period.id,
      generation: row.generation,
      state: row.state,
      granted: toTold(row.granted),
      outstanding: toTold(outstanding(row)),
      charged: toTold(row.charged),
      heard_at: new Date(row.heardMs).toISOString(),
    })),
  };
}

const toTold = ({ cost, tokens }: Amounts) => ({ cost_usd: formatUsd(cost), tokens: toCount(tokens) });
