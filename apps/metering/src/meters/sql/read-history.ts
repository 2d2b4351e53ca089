import type { HistoryEntry } from '@tollgate/contracts/metering-http';
import type { Sql } from '@tollgate/service-kit/postgres';
import { toCount, toUsd } from '../../limits/limit-event.ts';

const READ = `
  SELECT at, kind, period_id, generation, dimension, threshold, cost, tokens, requests, reason
  FROM limit_history WHERE scope_id = $1 ORDER BY position DESC LIMIT $2`;

/** A scope's warnings, breaches and resets, newest first. */
export async function readHistory(sql: Sql, scopeId: string, limit: number): Promise<HistoryEntry[]> {
  const rows: RawEntry[] = await sql.query(READ, [scopeId, limit]);
  return rows.map((row) => ({
    at: row.at.toISOString(),
    kind: row.kind,
    period_id: row.period_id,
    generation: Number(row.generation),
    dimension: row.dimension,
    threshold: row.threshold,
    used: {
      cost_usd: toUsd(BigInt(row.cost)),
      tokens: toCount(BigInt(row.tokens)),
      requests: toCount(BigInt(row.requests)),
    },
    reason: row.reason,
  }));
}

interface RawEntry extends Pick<HistoryEntry, 'kind' | 'period_id' | 'dimension' | 'threshold' | 'reason'> {
  readonly at: Date;
  readonly generation: string;
  readonly cost: string;
  readonly tokens: string;
  readonly requests: string;
}
