import type { Logger } from '@tollgate/service-kit/log';
import { Gauge } from 'prom-client';
import type { WriteAheadLog } from './write-ahead-log.ts';

const LOOK_EVERY_MS = 1_000;
/** Above this share of its room the log is an alarm, and below the other it is none again. */
const ALARM_AT = 0.8;
const CALM_AT = 0.7;

/** Says when the log is about to refuse requests, and when that is over. */
export class LogWatch {
  private readonly timer: NodeJS.Timeout;
  private alarmed = false;

  constructor(
    private readonly log: WriteAheadLog,
    private readonly logger: Logger,
  ) {
    new Gauge({
      name: 'tollgate_write_ahead_log_used_ratio',
      help: 'Share of the room of the write-ahead log that is in use; at 1 requests are refused',
      collect() {
        this.set(log.fraction);
      },
      aggregator: 'max',
    });
    new Gauge({
      name: 'tollgate_write_ahead_log_attempts',
      help: 'Attempts that the write-ahead log must remember',
      collect() {
        this.set(log.size);
      },
    });
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const { fraction, size } = this.log;
    if (!this.alarmed && fraction >= ALARM_AT) {
      this.alarmed = true;
      this.logger.error(
        { used: fraction, attempts: size },
        'the write-ahead log is nearly full: is the broker, or metering, away?',
      );
    } else if (this.alarmed && fraction < CALM_AT) {
      this.alarmed = false;
      this.logger.info({ used: fraction }, 'the write-ahead log has room again');
    }
  }
}
