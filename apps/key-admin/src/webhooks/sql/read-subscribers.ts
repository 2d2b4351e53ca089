import type { WebhookEvent } from '@tollgate/contracts/webhooks';
import type { Sql } from '@tollgate/service-kit/postgres';

export interface Subscriber {
  readonly id: string;
  /** `null` is all. */
  readonly events: WebhookEvent[] | null;
}

/** Those who are told of what happens now; they stay until the transaction ends. */
export const readSubscribers = (sql: Sql): Promise<Subscriber[]> =>
  sql.query(`select id, events from webhooks where enabled order by id for key share`);
