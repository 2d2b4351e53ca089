import type { Logger } from '@tollgate/service-kit/log';
import { Repeated } from '@tollgate/service-kit/repeated';
import type { DataSource } from 'typeorm';
import { finishHolders } from '../allowances/finish-holders.ts';
import { loseSilent } from '../allowances/lose-silent.ts';
import { closePeriods } from './close-periods.ts';
import { publishLate } from './publish-late.ts';

const LOOK_EVERY_MS = 250;
/** What is lost was silent for long; a few seconds more are nothing. */
const LOOK_FOR_SILENT_EVERY_MS = 5_000;

export interface TimekeeperSettings {
  readonly db: DataSource;
  readonly logger: Logger;
  /** Allowances that no gateway has spoken of for so long are lost. */
  readonly loseAfterMs: number;
  /** Told after each look whether the database answered. */
  readonly onLook?: (error?: unknown) => void;
  readonly onLost?: (count: number) => void;
}

/**
 * Does what time alone makes due: ends periods, publishes meters that waited, and frees or charges what gateways have
 * that are no more.
 */
export class Timekeeper extends Repeated {
  constructor({ db, logger, loseAfterMs, onLook, onLost }: TimekeeperSettings) {
    let lookForSilentAtMs = 0;
    super({
      everyMs: LOOK_EVERY_MS,
      work: async () => {
        const nowMs = Date.now();
        await closePeriods(db, nowMs);
        await publishLate(db, nowMs);
        await finishHolders(db);
        if (nowMs < lookForSilentAtMs) return;
        lookForSilentAtMs = nowMs + LOOK_FOR_SILENT_EVERY_MS;
        const lost = await loseSilent(db, loseAfterMs);
        if (lost > 0) logger.warn({ lost }, 'allowances were lost, and charged in full');
        onLost?.(lost);
      },
      onRun: (error) => {
        if (error) logger.error({ err: error }, 'what time makes due failed; it is tried again');
        onLook?.(error);
      },
    });
  }
}
