import { formatUsd } from '@tollgate/contracts/money';
import type {
  ProviderFigures,
  ReconciliationAnswer,
  ReconciliationBody,
} from '@tollgate/contracts/operations-http';
import { type Figures, type ReconciledDay, reconcile } from '@tollgate/domain/metering/reconcile';
import type { DataSource } from 'typeorm';
import { toCount } from '../limits/limit-event.ts';
import { recordedOnce } from '../operations/recorded.ts';
import { anthropicExport } from './anthropic-export.ts';
import { readExport } from './export-rows.ts';
import { openaiExport } from './openai-export.ts';
import { readDays } from './sql/read-days.ts';

const READERS = { openai: openaiExport, anthropic: anthropicExport };
const MOST_LINES = 1_000;
/** No export goes further than the ledger's own questions do. */
const SLOWEST_MS = 600_000;

/**
 * Sets what a provider says that it served beside what the ledger has, by day and model. It corrects nothing: whose
 * use a difference is, nobody can tell from such an export.
 *
 * @throws TollgateError `invalid_field` where the export cannot be read
 */
export function reconcileUsage(db: DataSource, body: ReconciliationBody): Promise<ReconciliationAnswer> {
  const { format, provider = format, tolerance_percent, actor } = body;
  const { figures, days } = readExport(body.export, READERS[format]);
  const [from, to] = [days[0]!, days.at(-1)!];
  const parameters = { format, provider, from, to, tolerance_percent };
  return recordedOnce(db, { kind: 'reconcile', actor, parameters }, async () => {
    const ours = await db.transaction('REPEATABLE READ', async (sql) => {
      await sql.query(`SET LOCAL statement_timeout = ${SLOWEST_MS}`);
      return readDays(sql, provider, from, to);
    });
    const compared = reconcile(figures, ours, Math.round(tolerance_percent * 100));
    const differing = compared.days.filter(({ differs }) => differs);
    return {
      provider,
      from,
      to,
      compared: compared.days.length,
      differing: differing.length,
      totals: sides(compared.total),
      lines: differing.slice(0, MOST_LINES).map((day) => ({ day: day.day, model: day.model, ...sides(day) })),
    };
  });
}

const sides = ({ theirs, ours, difference }: ReconciledDay) => ({
  provider: toAnswer(theirs),
  ledger: toAnswer(ours),
  difference: toAnswer(difference),
});

function toAnswer({ cost, ...counts }: Figures): ProviderFigures {
  const told = Object.entries(counts).map(([name, value]) => [name, toCount(value)]);
  return { ...Object.fromEntries(told), ...(cost !== undefined && { cost_usd: formatUsd(cost) }) };
}
