import type { Logger } from '@tollgate/service-kit/log';
import { Repeated } from '@tollgate/service-kit/repeated';
import type { DataSource } from 'typeorm';
import { cleanUp } from './clean-up.ts';
import { tellExpiring } from './tell-expiring.ts';
import type { WebhookMetrics } from './webhook-metrics.ts';

/** A notice is due days before; this late it may be. */
const LOOK_EVERY_MS = 5_000;
const CLEAN_EVERY_MS = 60_000;

/** Does what time alone makes due: tells of keys that expire, and cleans up. */
export class WebhookTimekeeper extends Repeated {
  constructor(db: DataSource, metrics: WebhookMetrics, logger: Logger) {
    let cleanedAt = Number.NEGATIVE_INFINITY;
    super({
      everyMs: LOOK_EVERY_MS,
      work: async () => {
        await tellExpiring(db, Date.now());
        if (performance.now() - cleanedAt < CLEAN_EVERY_MS) return;
        const given = await cleanUp(db, Date.now());
        if (given > 0) metrics.settled('failed', given);
        cleanedAt = performance.now();
      },
      onRun: (error) => {
        if (error) logger.error({ err: error }, 'looking for keys that expire failed; it is tried again');
      },
    });
  }
}
