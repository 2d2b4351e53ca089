import type { Logger } from '@tollgate/service-kit/log';
import { Repeated } from '@tollgate/service-kit/repeated';
import type { DataSource } from 'typeorm';
import { closePeriods } from './close-periods.ts';
import { publishLate } from './publish-late.ts';

const LOOK_EVERY_MS = 250;

/** Does what time alone makes due: ends periods, and publishes meters that waited. */
export class Timekeeper extends Repeated {
  /** @param onLook told after each look whether the database answered */
  constructor(db: DataSource, logger: Logger, onLook: (error?: unknown) => void = () => undefined) {
    super({
      everyMs: LOOK_EVERY_MS,
      work: async () => {
        const nowMs = Date.now();
        await closePeriods(db, nowMs);
        await publishLate(db, nowMs);
      },
      onRun: (error) => {
        if (error) logger.error({ err: error }, 'ending periods failed; it is tried again');
        onLook(error);
      },
    });
  }
}
