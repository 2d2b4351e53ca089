import type { ErrorCode } from '@tollgate/contracts/errors';
import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import { type Count, type Spread, SpreadTally, Tally } from '@tollgate/service-kit/tally';
import { Histogram } from 'prom-client';

/**
 * How a request ended: its answer was passed on whole, this router refused it, the provider failed, or it was broken
 * off before its end.
 */
export type Ending = 'succeeded' | 'refused' | 'failed' | 'aborted';
export type EndingReason =
  | ErrorCode
  | 'none'
  /** The provider answered with an error, or broke off in the middle of its answer. */
  | 'upstream_error'
  | 'upstream_broke_off'
  | 'client_left'
  /** By this router: its key was revoked, its time was up, or the router stopped. */
  | 'ended_here';

const ADDED_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
];
const UPSTREAM_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const ACKNOWLEDGED_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 10, 30, 60];

const PICODOLLARS = 1_000_000_000_000;

/** A settled attempt, as it is counted. */
export interface SettledAttempt {
  readonly provider: string;
  readonly status: UsageRecorded['status'];
  readonly quality: UsageRecorded['quality'];
  readonly tokens: TokenCounts;
  /** `null` where its model has no price. */
  readonly costPicodollars: bigint | null;
  readonly latencyMs: number;
  readonly firstByteMs: number | null;
}

/** A provider's counters, looked up once for an attempt. */
interface OfProvider {
  readonly whole: Spread;
  readonly firstByte: Spread;
  readonly input: Count;
  readonly cachedInput: Count;
  readonly output: Count;
  readonly reasoning: Count;
  readonly cost: Count;
  readonly unpriced: Count;
}

/** What passes through this gateway. Labels are of its endpoints, error codes and configured providers. */
export class Traffic {
  private readonly requests = new Tally({
    name: 'tollgate_requests_total',
    help: 'Requests by endpoint, how they ended, and why',
    labels: ['endpoint', 'outcome', 'reason'],
  });
  private readonly added = new SpreadTally(
    {
      name: 'tollgate_added_latency_seconds',
      help: "What the router takes of a request's time until it is written to its provider, without waiting for its body",
      labels: [],
    },
    ADDED_SECONDS,
  ).of();
  private readonly attempts = new Tally({
    name: 'tollgate_attempts_total',
    help: 'Settled attempts, each of which is one usage record, by provider, status and quality of their figures',
    labels: ['provider', 'status', 'quality'],
  });
  private readonly firstByte = new SpreadTally(
    {
      name: 'tollgate_upstream_first_byte_seconds',
      help: 'From the admission of an attempt to the first byte of its answer',
      labels: ['provider'],
    },
    UPSTREAM_SECONDS,
  );
  private readonly whole = new SpreadTally(
    {
      name: 'tollgate_upstream_seconds',
      help: 'From the admission of an attempt to its end',
      labels: ['provider'],
    },
    UPSTREAM_SECONDS,
  );
  private readonly tokens = new Tally({
    name: 'tollgate_tokens_total',
    help: 'Tokens of settled attempts; cached input is part of the input, reasoning of the output',
    labels: ['provider', 'kind'],
  });
  private readonly cost = new Tally({
    name: 'tollgate_cost_usd_total',
    help: 'Cost of settled attempts in USD',
    labels: ['provider'],
  });
  private readonly unpriced = new Tally({
    name: 'tollgate_unpriced_attempts_total',
    help: 'Settled attempts whose model has no price: they count no cost',
    labels: ['provider'],
  });
  private readonly providers = new Map<string, OfProvider>();
  readonly acknowledgement = new Histogram({
    name: 'tollgate_usage_acknowledgement_seconds',
    help: 'From the sending of a batch of usage records to the word of the broker that it is durable',
    buckets: ACKNOWLEDGED_SECONDS,
  });

  ended(endpoint: string, outcome: Ending, reason: EndingReason): void {
    this.requests.of(endpoint, outcome, reason).value += 1;
  }

  written(addedMs: number): void {
    this.added.observe(addedMs / 1_000);
  }

  settled(attempt: SettledAttempt): void {
    const { provider, status, quality, tokens, costPicodollars, latencyMs, firstByteMs } = attempt;
    this.attempts.of(provider, status, quality).value += 1;
    const of = this.of(provider);
    of.whole.observe(latencyMs / 1_000);
    if (firstByteMs !== null) of.firstByte.observe(firstByteMs / 1_000);
    of.input.value += tokens.input;
    of.cachedInput.value += tokens.cached_input;
    of.output.value += tokens.output;
    of.reasoning.value += tokens.reasoning;
    if (costPicodollars === null) of.unpriced.value += 1;
    else of.cost.value += Number(costPicodollars) / PICODOLLARS;
  }

  /** An attempt that a former process left behind, and this one settles. */
  orphaned({ provider, quality }: Pick<UsageRecorded, 'provider' | 'quality'>): void {
    this.attempts.of(provider, 'orphaned', quality).value += 1;
  }

  private of(provider: string): OfProvider {
    const known = this.providers.get(provider);
    if (known) return known;
    const of: OfProvider = {
      whole: this.whole.of(provider),
      firstByte: this.firstByte.of(provider),
      input: this.tokens.of(provider, 'input'),
      cachedInput: this.tokens.of(provider, 'cached_input'),
      output: this.tokens.of(provider, 'output'),
      reasoning: this.tokens.of(provider, 'reasoning'),
      cost: this.cost.of(provider),
      unpriced: this.unpriced.of(provider),
    };
    this.providers.set(provider, of);
    return of;
  }
}
