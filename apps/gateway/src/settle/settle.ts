import { TollgateError } from '@tollgate/contracts/errors';
import type { TokenCounts, UsageRecorded } from '@tollgate/contracts/events';
import { formatUsd } from '@tollgate/contracts/money';
import { costOf } from '@tollgate/domain/admission/price';
import type { Logger } from '@tollgate/service-kit/log';
import { instantWriter } from '../instant-writer.ts';
import type { Traffic } from '../metrics/traffic.ts';
import { isRefusal, type Outcome } from '../proxy/relay.ts';
import { estimateTokens } from '../usage/estimate.ts';
import type { WriteAheadLog } from '../wal/write-ahead-log.ts';
import type { Attempt } from './attempt.ts';
import type { OutgoingUsage } from './outgoing-usage.ts';
import { type Ending, RecordJson, withEnding } from './record-json.ts';
import { type Use, unseenUse } from './unseen-use.ts';

const settledAt = instantWriter();

/** ④ Turns how an attempt ended into its one usage record: counted here at once, logged, then published. */
export class Settlement {
  /** Leaps with each start, so that it grows over the life of an instance. */
  private sequence = Date.now() * 1_000;
  private readonly json: RecordJson;

  constructor(
    instance: string,
    private readonly log: WriteAheadLog,
    private readonly outgoing: OutgoingUsage,
    private readonly traffic: Traffic,
    private readonly logger: Logger,
  ) {
    this.json = new RecordJson(instance);
  }

  /** Writes an admission to the log; only then may it be forwarded. @returns `null`, or why it must be refused */
  admit(attempt: Attempt): TollgateError | null {
    const { hold, requestBytes } = attempt;
    const draft = this.json.draft(attempt);
    const held = hold && `{"cost":"${hold.costPicodollars}","tokens":${hold.tokens}}`;
    attempt.draft = draft;
    // A LoggedAdmission.
    const error = this.log.admit(
      attempt.id,
      `{"draft":${draft},"hold":${held},"request_bytes":${requestBytes}}`,
    );
    if (!error) return null;
    this.logger.error(
      { err: error, request_id: requestOf(attempt.id) },
      'the write-ahead log takes no admissions',
    );
    return new TollgateError(
      'usage_backlog_full',
      'Usage cannot be recorded at the moment. Try again shortly.',
    );
  }

  /** Gives back what was held for an attempt that was not forwarded. */
  withdraw(attempt: Attempt): void {
    attempt.trace?.withdrawn();
    attempt.holdings?.release();
  }

  /** How far a stream has come, in case that is all that will be known of it. */
  note(attemptId: string, outputEvents: number): void {
    this.log.note(attemptId, outputEvents);
  }

  settle(attempt: Attempt, outcome: Outcome, nowMs: number): void {
    const { id, key, hold, holdings } = attempt;
    const { tokens, costPicodollars: cost } = useOf(attempt, outcome);
    const costPicodollars = cost ?? 0n;
    if (hold && (costPicodollars > hold.costPicodollars || tokens.total > hold.tokens)) {
      this.logger.error(
        { request_id: requestOf(id), attempt: id, tokens, hold: hold.tokens },
        'a provider counted more than was held',
      );
    }
    holdings?.settle({ costPicodollars, tokens: tokens.total });
    const draft = attempt.draft ?? this.json.draft(attempt);
    const ending = this.ending(attempt, outcome, tokens, cost === null ? null : formatUsd(cost), nowMs);
    const json = withEnding(draft, ending);
    const { admittedAtMs, generations } = attempt;
    this.traffic.settled({
      provider: attempt.provider,
      status: ending.status,
      quality: ending.quality,
      tokens,
      costPicodollars: cost,
      latencyMs: ending.latency_ms,
      firstByteMs: ending.first_token_ms,
    });
    const { trace } = attempt;
    trace?.settled(ending.status, ending.http_status, tokens, ending.cost_usd);
    const settled = {
      id,
      keyId: key.id,
      settledAt: ending.settled_at,
      json,
      admittedAtMs,
      generations,
      costPicodollars,
      tokens: tokens.total,
      traceparent: trace?.traceparent,
    };
    this.outgoing.send(
      settled,
      key.scopes.map((scope) => scope.account(nowMs)),
    );
  }

  private ending(
    attempt: Attempt,
    outcome: Outcome,
    tokens: TokenCounts,
    costUsd: string | null,
    nowMs: number,
  ): Ending {
    const { admittedAtMs, priceVersion } = attempt;
    this.sequence += 1;
    return {
      sequence: this.sequence,
      status: outcome.status,
      http_status: outcome.httpStatus,
      settled_at: settledAt(nowMs),
      tokens,
      quality: qualityOf(outcome),
      cost_usd: costUsd,
      price_version: costUsd === null ? null : priceVersion,
      latency_ms: Math.max(0, nowMs - admittedAtMs),
      first_token_ms:
        outcome.firstByteAtMs === null ? null : Math.max(0, outcome.firstByteAtMs - admittedAtMs),
    };
  }
}

/** `req_…/1` → `req_…` */
const requestOf = (attemptId: string) => attemptId.split('/', 1)[0];

/** A provider that answered with an error, broke off or was never reached, has used nothing unless it says so. */
const usedNothing = ({ httpStatus }: Outcome) => httpStatus === null || isRefusal(httpStatus);

function qualityOf(outcome: Outcome): UsageRecorded['quality'] {
  if (outcome.unanswered) return 'estimated';
  return outcome.said?.quality ?? (usedNothing(outcome) ? 'exact' : 'estimated');
}

const NOTHING: TokenCounts = { input: 0, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: 0 };

function useOf({ requestBytes, hold, price }: Attempt, outcome: Outcome): Use {
  if (outcome.unanswered) return unseenUse(requestBytes, hold, outcome.seen, price);
  const estimated = () => (usedNothing(outcome) ? NOTHING : estimateTokens(requestBytes, outcome.seen));
  const tokens = outcome.said?.tokens ?? estimated();
  return { tokens, costPicodollars: price && costOf(tokens, price) };
}
