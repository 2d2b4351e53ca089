import type { Sql } from '@tollgate/service-kit/postgres';
import { Gauge } from 'prom-client';
import { countQuarantined } from './sql/take-quarantined.ts';

/** Says, when it is asked, how many records wait in the quarantine; NaN while the database does not. */
export const registerQuarantineGauge = (sql: Sql): Gauge =>
  new Gauge({
    name: 'tollgate_quarantined_records',
    help: 'Usage records in the quarantine, which are counted nowhere until somebody releases them',
    async collect() {
      this.set(await countQuarantined(sql).catch(() => Number.NaN));
    },
  });
