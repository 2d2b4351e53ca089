import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { TollgateError } from '@tollgate/contracts/errors';
import type { Lacking } from '@tollgate/domain/allowance/admit-allowed';
import type { AllowanceCall, Allowances } from '@tollgate/domain/allowance/allowances';
import type { Logger } from '@tollgate/service-kit/log';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Peers } from '../peers/peers.ts';
import type { ScopeStanding } from '../proxy/standing.ts';
import type { GatewayClocks } from './gateway-clocks.ts';
import { type MeteringCalls, StaleCall } from './metering-calls.ts';
import { type Wait, WaitingRequests } from './waiting-requests.ts';

/** For what time alone makes due: renewals, and what is idle. */
const LOOK_EVERY_MS = 500;
/** While something is to be said that may not be said yet. */
const AGAIN_AFTER_MS = 50;
/** A shutdown does not wait longer for what was given to be given back: it frees itself. */
const LEAVES_WITHIN_MS = 2_000;

export interface KeeperParts {
  readonly allowances: Allowances;
  readonly metering: MeteringCalls;
  readonly peers: Pick<Peers, 'othersLive'>;
  readonly clocks: GatewayClocks;
  readonly logger: Logger;
}

/**
 * Speaks with metering of what this gateway may use of limits, one call at a time, so that requests find it here; and
 * keeps those waiting that do not, until it has answered.
 *
 * quiet → due (a request waits, others lack what is idle, or it is time) → calling → quiet
 */
export class AllowanceKeeper {
  private readonly waiting = new WaitingRequests();
  private looking: NodeJS.Timeout | undefined;
  private soon: NodeJS.Immediate | undefined;
  private later: NodeJS.Timeout | undefined;
  private wasAway = false;
  private readonly metrics: ReturnType<typeof allowanceMetrics>;

  constructor(private readonly parts: KeeperParts) {
    this.metrics = allowanceMetrics(parts.allowances, this.waiting);
  }

  /** Requests that wait. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  start(): void {
    this.looking = setInterval(() => {
      this.parts.allowances.look(this.parts.clocks.read());
      this.speak();
    }, LOOK_EVERY_MS).unref();
  }

  /** A request is going to wait for what it lacks; the caller ends it by {@link waited}. */
  wait(res: ServerResponse): Wait {
    return this.waiting.begin(res);
  }

  /**
   * Asks for what a request lacks, together with what others of this turn do.
   * @returns resolves when there is something new to decide on. @throws ClientGone, or why nobody waits any longer
   */
  ask(wait: Wait, lacking: readonly Lacking<ScopeStanding>[]): Promise<void> {
    for (const { scope, ...lack } of lacking) this.parts.allowances.wait(scope.scope, lack);
    this.speak();
    return wait.next(lacking.map(({ scope }) => scope.scope.id));
  }

  waited(wait: Wait): void {
    wait.end();
    this.metrics.waits.observe(wait.waitedMs / 1_000);
  }

  /** A published meter says that somebody lacks what may be idle here. */
  recalled(scopeId: string, recall: number): void {
    this.parts.allowances.recalled(scopeId, recall);
    this.speak();
  }

  /** Requests that wait are told to go elsewhere. */
  dismiss(): void {
    this.waiting.dismiss(
      new TollgateError('not_ready', 'This router is shutting down. Send the request to another.'),
    );
  }

  /** Gives everything back, where metering answers in time. */
  async leave(): Promise<void> {
    const { allowances, clocks } = this.parts;
    clearInterval(this.looking);
    allowances.leave();
    const deadlineMs = performance.now() + LEAVES_WITHIN_MS;
    while (!allowances.hasLeft(clocks.read()) && performance.now() < deadlineMs) {
      this.speak();
      await sleep(AGAIN_AFTER_MS);
    }
    clearImmediate(this.soon);
    clearTimeout(this.later);
  }

  /** Calls once all that happens in this turn of the event loop has been said. */
  private speak(): void {
    this.soon ??= setImmediate(() => {
      this.soon = undefined;
      void this.call();
    });
  }

  private async call(): Promise<void> {
    const { allowances, metering, peers, clocks } = this.parts;
    const call = allowances.call(peers.othersLive + 1, clocks.read());
    if (!call) {
      this.speakLater();
      return;
    }
    try {
      const answers = await metering.allowances(call);
      allowances.answered(call, answers, clocks.read());
      this.metrics.calls.inc({ outcome: 'answered' });
      this.waiting.wake(new Set(call.asks.map(({ scopeId }) => scopeId)));
    } catch (error) {
      allowances.failed(call, clocks.read());
      this.noteFailure(call, error);
      this.waiting.wake();
    }
    this.noteWhetherAway();
    // Those that were woken decide before this.
    this.speak();
  }

  private speakLater(): void {
    if (!this.parts.allowances.hasDue) return;
    this.later ??= setTimeout(() => {
      this.later = undefined;
      void this.speak();
    }, AGAIN_AFTER_MS).unref();
  }

  private noteFailure({ number }: AllowanceCall, error: unknown): void {
    const isStale = error instanceof StaleCall;
    this.metrics.calls.inc({ outcome: isStale ? 'stale' : 'failed' });
    if (isStale) {
      this.parts.logger.error(
        { err: error, call: number },
        'another process works under the name of this gateway: give each a log directory and a TOLLGATE_INSTANCE of its own',
      );
    } else if (!this.wasAway) {
      this.parts.logger.warn(
        { err: error },
        'metering does not answer: limits that no gateway may pass are spent up to what was given to this one, see that ' +
          'metering runs and that TOLLGATE_METERING_URL and TOLLGATE_INTERNAL_TOKEN are right',
      );
    }
  }

  private noteWhetherAway(): void {
    const { isAway } = this.parts.allowances;
    if (this.wasAway && !isAway) this.parts.logger.info('metering answers again');
    this.wasAway = isAway;
  }
}

function allowanceMetrics(allowances: Allowances, waiting: WaitingRequests) {
  new Gauge({
    name: 'tollgate_allowance_scopes',
    help: 'Keys, teams and organizations of whose limits this gateway holds something',
    collect() {
      this.set(allowances.size);
    },
  });
  new Gauge({
    name: 'tollgate_allowance_waiting_requests',
    help: 'Requests that wait for a part of a limit',
    collect() {
      this.set(waiting.size);
    },
  });
  new Gauge({
    name: 'tollgate_allowance_metering_away',
    help: '1 while metering does not answer calls for parts of limits',
    collect() {
      this.set(allowances.isAway ? 1 : 0);
    },
  });
  const calls = new Counter({
    name: 'tollgate_allowance_calls_total',
    help: 'Calls to metering for parts of limits, by outcome; stale: another process works under this name',
    labelNames: ['outcome'],
  });
  // An increase is only seen of what was there before it.
  for (const outcome of ['answered', 'failed', 'stale']) calls.inc({ outcome }, 0);
  return {
    calls,
    waits: new Histogram({
      name: 'tollgate_allowance_wait_seconds',
      help: 'How long requests waited for a part of a limit; those that found it here are not in it',
      buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    }),
  };
}
