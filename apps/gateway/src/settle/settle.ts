import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import { formatUsd } from '@tollgate/contracts/money';
import type { PendingRecord } from '@tollgate/domain/admission/pending-records';
import { costOf, type ModelPrice } from '@tollgate/domain/admission/price';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Outcome } from '../proxy/relay.ts';
import type { UsageQueue } from './usage-queue.ts';

/** An attempt that was admitted and forwarded. */
export interface Attempt {
  readonly requestId: string;
  readonly key: KeyEntry;
  /** The key's generation at admission: a later reset does not move what was used before it. */
  readonly generation: number;
  readonly provider: string;
  readonly model: string;
  readonly streamed: boolean;
  readonly endpoint: string;
  readonly admittedAtMs: number;
  readonly clientIp: string | null;
  readonly requestBytes: number;
  readonly price: ModelPrice | null;
  readonly priceVersion: string;
}

/** What a token is taken to be in bytes of text where the provider did not count. */
const BYTES_PER_TOKEN = 4;

const none: TokenCounts = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: 0 };
const at = (ms: number) => new Date(ms).toISOString();

/** ④ Turns how an attempt ended into its one usage record, counted here at once and published. */
export class Settlement {
  private sequence = 0;

  constructor(
    private readonly instance: string,
    private readonly queue: UsageQueue,
  ) {}

  settle(attempt: Attempt, outcome: Outcome, nowMs: number): void {
    const { key, price } = attempt;
    const tokens = outcome.tokens ?? estimate(attempt, outcome);
    const costPicodollars = price ? costOf(tokens, price) : 0n;
    const pending: PendingRecord = {
      admittedAtMs: attempt.admittedAtMs,
      generation: attempt.generation,
      costPicodollars,
      tokens: tokens.total,
      offset: null,
    };
    const account = key.account(nowMs);
    account.add(pending);
    const record = this.record(attempt, outcome, tokens, price ? formatUsd(costPicodollars) : null, nowMs);
    this.queue.push(record, (offset) => account.placed(pending, offset));
  }

  private record(
    attempt: Attempt,
    outcome: Outcome,
    tokens: TokenCounts,
    costUsd: string | null,
    nowMs: number,
  ): UsageRecorded {
    const { key, admittedAtMs } = attempt;
    this.sequence += 1;
    return {
      id: `${attempt.requestId}/1`,
      key_id: key.id,
      team_id: key.teamId,
      gateway: this.instance,
      sequence: this.sequence,
      endpoint: attempt.endpoint,
      provider: attempt.provider,
      model: attempt.model,
      upstream_model: attempt.model,
      status: outcome.status,
      http_status: outcome.httpStatus,
      streamed: attempt.streamed,
      admitted_at: at(admittedAtMs),
      settled_at: at(nowMs),
      client_ip: attempt.clientIp,
      generations: { key: attempt.generation, team: 0, organization: 0 },
      tokens,
      quality: qualityOf(outcome),
      cost_usd: costUsd,
      price_version: costUsd === null ? null : attempt.priceVersion,
      latency_ms: Math.max(0, nowMs - admittedAtMs),
      first_token_ms:
        outcome.firstByteAtMs === null ? null : Math.max(0, outcome.firstByteAtMs - admittedAtMs),
      metadata: key.metadata,
    };
  }
}

/** A provider that answered with an error, or was never reached, has used nothing unless it says so. */
const usedNothing = ({ httpStatus }: Outcome) => httpStatus === null || httpStatus >= 400;

function qualityOf(outcome: Outcome): UsageRecorded['quality'] {
  if (outcome.tokens) return outcome.complete ? 'exact' : 'partial';
  return usedNothing(outcome) ? 'exact' : 'estimated';
}

/** Tokens where the provider did not count them: four bytes of prompt to a token, one streamed event to a token. */
function estimate(attempt: Attempt, outcome: Outcome): TokenCounts {
  if (usedNothing(outcome)) return none;
  const input = Math.ceil(attempt.requestBytes / BYTES_PER_TOKEN);
  const output = attempt.streamed
    ? outcome.receivedEvents
    : Math.ceil(outcome.receivedBytes / BYTES_PER_TOKEN);
  return { ...none, input, output, total: input + output };
}
