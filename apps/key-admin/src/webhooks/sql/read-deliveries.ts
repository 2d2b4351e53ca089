import type { DeliveryState } from '@tollgate/contracts/webhooks';
import type { Sql } from '@tollgate/service-kit/postgres';
import type { DeliveryRow } from '../delivery-row.ts';

const COLUMNS = 'id, webhook_id, event_id, type, state, created_at, due_at, attempts';
const FIND = `select ${COLUMNS} from webhook_deliveries where webhook_id = $1 and id = $2`;
const LIST = `
  select ${COLUMNS} from webhook_deliveries
  where webhook_id = $1 and ($2::text is null or state = $2) and ($3::text is null or id < $3)
  order by id desc limit $4`;

export async function findDelivery(
  sql: Sql,
  webhookId: string,
  id: string,
): Promise<DeliveryRow | undefined> {
  const rows: DeliveryRow[] = await sql.query(FIND, [webhookId, id]);
  return rows[0];
}

/** @param before the id after which the page begins */
export const readDeliveries = (
  sql: Sql,
  webhookId: string,
  state: DeliveryState | undefined,
  before: string | null,
  limit: number,
): Promise<DeliveryRow[]> => sql.query(LIST, [webhookId, state, before, limit]);
