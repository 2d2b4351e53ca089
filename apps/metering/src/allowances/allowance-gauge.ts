import type { Sql } from '@tollgate/service-kit/postgres';
import { Gauge } from 'prom-client';
import { countByState } from './sql/count-by-state.ts';

/** Says, when it is asked, how many allowances gateways have, or left behind; NaN while the database does not. */
export const registerAllowanceGauge = (sql: Sql): Gauge =>
  new Gauge({
    name: 'tollgate_allowances',
    help: 'Allowances by state: held by a gateway, returned but with records to come, or lost and charged in full',
    labelNames: ['state'],
    async collect() {
      const counts = await countByState(sql).catch(() => ({
        held: Number.NaN,
        returned: Number.NaN,
        lost: Number.NaN,
      }));
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
