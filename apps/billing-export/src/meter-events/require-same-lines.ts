import type { Sql } from '@tollgate/service-kit/postgres';
import type { BilledLine } from '../stripe/stripe-file.ts';
import { findContradiction } from './sql/meter-lines.ts';

/**
 * A line goes on as it began: in another unit, or from another hour, what it wrote would be taken for something else.
 * @throws Error saying how to go on
 */
export async function requireSameLines(sql: Sql, lines: readonly BilledLine[]): Promise<void> {
  const contradiction = await findContradiction(sql, lines);
  if (!contradiction) return;
  const { teamId, eventName, unit, firstHour } = contradiction;
  throw new Error(
    `team ${teamId} was written to the meter ${eventName} in ${unit} from ${firstHour.toISOString()}, and ` +
      `BILLING_STRIPE_FILE says otherwise now: put that back, or use a meter with another event_name.`,
  );
}
