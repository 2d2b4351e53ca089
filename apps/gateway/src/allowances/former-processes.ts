import { setTimeout as sleep } from 'node:timers/promises';
import type { Holder } from '@tollgate/domain/allowance/holder';
import type { EndOffsets } from '@tollgate/kafka/end-offsets';
import type { Logger } from '@tollgate/service-kit/log';
import type { MeteringCalls } from './metering-calls.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/** Tells metering that the processes before this one have ended, so that what they were given is free again. */
export class FormerProcesses {
  private readonly stopping = new AbortController();

  /** @param successors each stands for all processes of its instance with a lower incarnation */
  constructor(
    private readonly successors: readonly Holder[],
    private readonly metering: MeteringCalls,
    private readonly endOffsets: EndOffsets,
    private readonly logger: Logger,
  ) {}

  /**
   * To be run once all that they left behind is on the broker: all that they ever recorded is then before the ends of
   * the usage topic. It is tried until it is heard, or {@link stop}.
   */
  async finish(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopping.signal.aborted) {
      try {
        await this.tell();
        return;
      } catch (error) {
        this.logger.warn(
          { err: error },
          'metering has not heard that former processes of this gateway have ended',
        );
      }
      await sleep(pauseMs, undefined, { ref: false, signal: this.stopping.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  stop(): void {
    this.stopping.abort();
  }

  private async tell(): Promise<void> {
    try {
      const ends = await this.endOffsets.of('usage');
      const through = Object.fromEntries([...ends].map(([partition, { end }]) => [partition, `${end}`]));
      for (const holder of this.successors) await this.metering.finished({ ...holder, through });
    } finally {
      await this.endOffsets.close();
    }
  }
}
