import type { Sql } from '@tollgate/service-kit/postgres';
import { Gauge } from 'prom-client';
import { READ_BACKLOG } from './sql/read-backlog.ts';

interface Backlog {
  readonly records: number;
  readonly age_seconds: number;
}

/** Says, when it is asked, what waits in the outbox and for how long; NaN while the database does not. */
export function registerOutboxGauges(sql: Sql): void {
  const records = new Gauge({
    name: 'tollgate_outbox_records',
    help: 'Records that wait in the outbox for the broker; 10001 stands for more than 10000',
  });
  new Gauge({
    name: 'tollgate_outbox_oldest_seconds',
    help: 'Age of the oldest record that waits in the outbox; 0 where none does',
    async collect() {
      const backlog: Backlog | null = await sql.query(READ_BACKLOG).then(
        ([row]) => row,
        () => null,
      );
      records.set(backlog?.records ?? Number.NaN);
      this.set(backlog?.age_seconds ?? Number.NaN);
    },
  });
}
