import type { Batch } from '@tollgate/kafka/batch-server';
import type { Gate } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { Gauge } from 'prom-client';
import { BEATING, type Beating, Heartbeats } from './heartbeats.ts';

const LOOK_EVERY_MS = 1_000;
/** Heartbeats come each second: at this age something is wrong. */
export const LATE_MS = 10_000;
/** Usage would be counted in another period, and keys expire at another instant, than for everyone else. */
export const MAX_SKEW_MS = 5_000;

/** What is wrong with a clock that is `skewMs` ahead of the broker's (negative: behind), or `null`. */
export function clockProblem(skewMs: number | null): string | null {
  if (skewMs === null || Math.abs(skewMs) <= MAX_SKEW_MS) return null;
  const seconds = (Math.abs(skewMs) / 1_000).toFixed(1);
  return `this machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the broker's; synchronise it`;
}

/** Watches the heartbeats: says when key state grows old or the clock is off, and when it is well again. */
export class KeyStateWatch {
  private readonly heartbeats: Heartbeats;
  private readonly late = new Set<Beating>();
  private clock: string | null = null;
  private timer: NodeJS.Timeout | undefined;

  /** @param maxAgeMs at which age of the keys nothing may be decided on them any more */
  constructor(
    partitions: Readonly<Record<Beating, number>>,
    private readonly maxAgeMs: number,
    private readonly clockGate: Gate,
    private readonly logger: Logger,
  ) {
    const heartbeats = new Heartbeats(partitions, performance.now());
    this.heartbeats = heartbeats;
    this.clockGate.open();
    new Gauge({
      name: 'tollgate_key_state_age_seconds',
      help: 'Time since the last heartbeat on the quietest partition of a topic',
      labelNames: ['topic'],
      collect() {
        for (const topic of BEATING) this.set({ topic }, heartbeats.ageMs(topic, performance.now()) / 1_000);
      },
      aggregator: 'max',
    });
    new Gauge({
      name: 'tollgate_clock_skew_seconds',
      help: "How far this machine's clock is ahead of the broker's (negative: behind); 0 while nothing tells",
      collect() {
        this.set((heartbeats.skewMs ?? 0) / 1_000);
      },
      aggregator: 'max',
    });
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  note(topic: Beating, { partition, events, nextOffset, endOffset }: Batch): void {
    const beat = events.findLast(({ event }) => event.type === 'tollgate.heartbeat.v1');
    this.heartbeats.note(topic, partition, {
      stampMs: beat?.timestampMs ?? null,
      reachesEnd: nextOffset >= endOffset,
      nowMs: Date.now(),
      monotonicMs: performance.now(),
    });
  }

  /** Whether keys are too old to decide anything by: revoked ones would be let in for ever. */
  isStale(): boolean {
    return this.heartbeats.ageMs('keys', performance.now()) > this.maxAgeMs;
  }

  private look(): void {
    for (const topic of BEATING) this.lookAtAge(topic, this.heartbeats.ageMs(topic, performance.now()));
    const problem = clockProblem(this.heartbeats.skewMs);
    if (problem) this.clockGate.close(problem);
    if ((problem === null) === (this.clock === null)) return;
    this.clock = problem;
    if (problem) this.logger.warn(problem);
    else {
      this.clockGate.open();
      this.logger.info("this machine's clock agrees with the broker's again");
    }
  }

  private lookAtAge(topic: Beating, ageMs: number): void {
    const isLate = ageMs > LATE_MS;
    if (isLate === this.late.has(topic)) return;
    if (isLate) {
      this.late.add(topic);
      this.logger.warn(
        { topic, age_ms: ageMs },
        'no heartbeat for more than 10 s; deciding on what is known',
      );
    } else {
      this.late.delete(topic);
      this.logger.info({ topic }, 'heartbeats come again');
    }
  }
}
