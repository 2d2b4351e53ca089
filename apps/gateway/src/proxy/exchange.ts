import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { Held } from '@tollgate/domain/allowance/held';
import type { PriceBook } from '@tollgate/prices/price-book';
import type { GatewayClocks } from '../allowances/gateway-clocks.ts';
import type { Call } from '../call/call.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import { generationsOf } from '../key-state/scope.ts';
import type { Ending, EndingReason, Traffic } from '../metrics/traffic.ts';
import type { Candidate } from '../providers/route.ts';
import type { Attempt } from '../settle/attempt.ts';
import type { Settlement } from '../settle/settle.ts';
import { DIALECTS } from '../usage/dialects.ts';
import { type Admission, type Admitted, hasCostLimit } from './admission.ts';
import type { Answer } from './answer.ts';
import type { InFlight, UnderWay } from './in-flight.ts';
import { answerUpstreamError, type ErrorAnswer, type Failure, type Outcome, Relay } from './relay.ts';
import type { RequestTrace } from './request-trace.ts';
import type { Upstreams } from './upstreams.ts';

/** Answers of a provider that say "not now": another attempt may succeed. */
const TRANSIENT = new Set([408, 429, 500, 502, 503, 504, 529]);
/** A provider that wants to be left alone for longer than this is not tried again. */
const MAX_RETRY_AFTER_S = 1;
const FIRST_PAUSE_MS = 50;

export interface ExchangeParts {
  /** How long an answer is read on after its client has gone, and how long one may take, in ms. */
  readonly drainMs: number;
  readonly maxStreamMs: number;
  readonly upstreams: Upstreams;
  readonly settlement: Settlement;
  readonly inFlight: InFlight;
  readonly priceBook: PriceBook;
  readonly admission: Admission;
  readonly clocks: GatewayClocks;
  readonly traffic: Traffic;
}

/** What is known of an admitted request. */
export interface AdmittedRequest {
  readonly headers: IncomingHttpHeaders;
  readonly key: KeyEntry;
  readonly call: Call;
  readonly candidates: readonly Candidate[];
  readonly clientIp: string | null;
  /** When it came, as if its body had come at once; by the monotonic clock, in ms. */
  readonly arrivedMs: number;
  /** `null` where no traces are sent. */
  readonly trace: RequestTrace | null;
}

/**
 * An admitted request on its way: one attempt after another until a provider's answer begins, or no attempt is
 * left. Each attempt is forwarded, held for and settled on its own.
 *
 * attempting ⇄ pausing → answered (settled once for each attempt)
 */
export class Exchange implements UnderWay {
  place = 0;
  hold: Held | null = null;
  private relay: Relay | null = null;
  private attempts = 0;
  /** Which candidate is tried, and how often it has been. */
  private candidate = 0;
  private tries = 0;
  private pause: NodeJS.Timeout | undefined;
  private drainsUntilMs: number | null = null;
  private readonly startedAtMs = Date.now();
  private notedEvents = 0;
  private ending: Ending = 'aborted';
  private reason: EndingReason = 'ended_here';

  constructor(
    private readonly parts: ExchangeParts,
    private readonly answer: Answer,
    readonly request: AdmittedRequest,
  ) {
    answer.res.once('close', () => this.onClientClose());
  }

  get keyId(): string {
    return this.request.key.id;
  }

  get streamed(): boolean {
    return this.request.call.streamed;
  }

  start(admitted: Admitted, nowMs: number): void {
    this.parts.inFlight.add(this);
    this.attempt(admitted, nowMs);
  }

  /** Called about once a second: ends what has taken too long, and has the log note how far the stream has come. */
  tick(nowMs: number): void {
    const tooLong = nowMs - this.startedAtMs > this.parts.maxStreamMs;
    if (tooLong || (this.drainsUntilMs !== null && nowMs >= this.drainsUntilMs)) {
      this.abort();
      return;
    }
    const events = this.relay?.outputEvents ?? 0;
    if (events === this.notedEvents) return;
    this.notedEvents = events;
    this.parts.settlement.note(this.attemptId, events);
  }

  abort(): void {
    clearTimeout(this.pause);
    if (this.relay) this.relay.abort();
    else {
      this.ending = 'aborted';
      this.reason = 'ended_here';
      this.res.destroy();
    }
    this.leave();
  }

  endConnection(): void {
    if (!this.res.headersSent) this.res.shouldKeepAlive = false;
  }

  private get res(): ServerResponse {
    return this.answer.res;
  }

  private get attemptId(): string {
    return `${this.answer.requestId}/${this.attempts}`;
  }

  private attempt(admitted: Admitted, nowMs: number): void {
    const { key, call, candidates, clientIp, trace } = this.request;
    const { provider, model } = candidates[this.candidate]!;
    this.attempts += 1;
    this.tries += 1;
    this.notedEvents = 0;
    const id = this.attemptId;
    const { usage } = call.endpoint;
    const attempt: Attempt = {
      id,
      key,
      generations: generationsOf(key.scopes),
      hold: admitted.hold,
      holdings: admitted.holdings,
      provider: provider.name,
      model: call.model,
      upstreamModel: model,
      streamed: call.streamed,
      endpoint: call.endpoint.path,
      admittedAtMs: nowMs,
      clientIp,
      requestBytes: call.body.length,
      price: this.parts.priceBook.priceOf(provider.name, model, nowMs),
      priceVersion: this.parts.priceBook.version,
      trace: trace?.attempt({ id, provider: provider.name, model, usage }) ?? null,
      draft: null,
    };
    if (admitted.outputCap !== null) this.answer.set('x-tollgate-max-tokens', admitted.outputCap);
    else if (this.attempts > 1) this.answer.remove('x-tollgate-max-tokens');
    this.hold = admitted.hold;
    this.forward(attempt, admitted);
  }

  private forward(attempt: Attempt, admitted: Admitted): void {
    const { upstreams, settlement } = this.parts;
    const { call, headers, candidates } = this.request;
    const { provider, model } = candidates[this.candidate]!;
    const relay = new Relay(this.answer, {
      provider: provider.name,
      usage: DIALECTS[call.endpoint.usage],
      passUsageOn: call.wantsUsage,
      choices: call.choices,
      promptBytes: call.body.length,
      outputLimit: admitted.outputLimit,
      begin: () => this.begin(attempt),
      withdraw: () => {
        this.hold = null;
        settlement.withdraw(attempt);
      },
      settle: (outcome) => {
        this.hold = null;
        this.noteEnd(outcome);
        settlement.settle(attempt, outcome, Date.now());
      },
      done: () => this.leave(),
      failed: (failure) => this.afterFailure(failure),
    });
    this.relay = relay;
    const body = call.forward({ model, outputCap: admitted.outputCap });
    upstreams.send(
      provider,
      {
        attemptId: attempt.id,
        path: call.endpoint.upstreamPath,
        headers,
        body,
        traceparent: attempt.trace?.traceparent,
      },
      relay,
    );
  }

  private begin(attempt: Attempt): TollgateError | null {
    const refusal = this.parts.settlement.admit(attempt);
    if (this.attempts === 1) this.parts.traffic.written(performance.now() - this.request.arrivedMs);
    return refusal;
  }

  /** How the request ends if this attempt was its last. */
  private noteEnd({ status }: Outcome): void {
    this.ending = status;
    if (status === 'succeeded') this.reason = 'none';
    else if (status === 'failed') this.reason = 'upstream_broke_off';
    else this.reason = this.drainsUntilMs === null ? 'ended_here' : 'client_left';
  }

  /** Tries again where that may help and costs nothing twice, else hands the failure to the client. */
  private afterFailure(failure: Failure): void {
    this.relay = null;
    if (isTransient(failure)) {
      const { provider } = this.request.candidates[this.candidate]!;
      if (this.tries <= provider.retries && !asksToWait(failure)) {
        this.pause = setTimeout(() => this.again(failure), FIRST_PAUSE_MS * 2 ** (this.tries - 1));
        return;
      }
      if (this.candidate + 1 < this.request.candidates.length) {
        this.candidate += 1;
        this.tries = 0;
        this.again(failure);
        return;
      }
    }
    this.report(failure);
  }

  private again(failure: Failure): void {
    this.pause = undefined;
    if (this.res.destroyed) {
      this.clientLeft();
      this.leave();
      return;
    }
    const { key, call, candidates } = this.request;
    const { provider, model } = candidates[this.candidate]!;
    const { priceBook, admission } = this.parts;
    const clocks = this.parts.clocks.read();
    const price = priceBook.priceOf(provider.name, model, clocks.nowMs);
    const admitted = hasCostLimit(key) && !price ? null : admission.retry(key, call, price, clocks);
    if (admitted) this.attempt(admitted, clocks.nowMs);
    else this.report(failure);
  }

  private report(failure: Failure): void {
    if ('error' in failure) {
      this.endWith(failure.error);
      return;
    }
    const { provider } = this.request.candidates[this.candidate]!;
    this.ending = 'failed';
    this.reason = 'upstream_error';
    answerUpstreamError(this.answer, provider.name, withoutCredential(failure.answer, provider.credential));
    this.leave();
  }

  private endWith(error: TollgateError): void {
    this.ending = error.code === 'usage_backlog_full' ? 'refused' : 'failed';
    this.reason = error.code;
    if (!this.res.destroyed) this.answer.error(error, this.request.call.endpoint.protocol);
    this.leave();
  }

  private onClientClose(): void {
    if (this.pause) {
      clearTimeout(this.pause);
      this.clientLeft();
      this.leave();
    }
    this.drainsUntilMs = Date.now() + this.parts.drainMs;
    this.relay?.drain();
  }

  private clientLeft(): void {
    this.ending = 'aborted';
    this.reason = 'client_left';
  }

  private leave(): void {
    const { inFlight, traffic } = this.parts;
    if (!inFlight.remove(this)) return;
    const { call, trace } = this.request;
    traffic.ended(call.endpoint.path, this.ending, this.reason);
    trace?.end(this.ending, this.reason, this.res.statusCode);
  }
}

const isTransient = (failure: Failure): boolean =>
  'answer' in failure ? TRANSIENT.has(failure.answer.status) : failure.retryable;

const asksToWait = (failure: Failure): boolean =>
  'answer' in failure && Number(failure.answer.headers['retry-after'] ?? 0) > MAX_RETRY_AFTER_S;

/** Some providers repeat the key they were given in what they say about it. */
function withoutCredential(answer: ErrorAnswer, credential: string): ErrorAnswer {
  if (!answer.body.includes(credential)) return answer;
  return { ...answer, body: Buffer.from(answer.body.toString().replaceAll(credential, '[removed]')) };
}
