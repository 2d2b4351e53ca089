import type { ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { TokenCounts } from '@tollgate/contracts/events';
import { Gathered } from '@tollgate/service-kit/gathered';
import { type Dispatcher, errors } from 'undici';
import type { StreamUsage, UsageDialect } from '../usage/dialect.ts';
import { estimateTokens, raisedToSeen, type SeenOutput } from '../usage/estimate.ts';
import type { Answer } from './answer.ts';

/** How an attempt ended. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'aborted';
  readonly httpStatus: number | null;
  /** It was ended here before the provider, which has it, said anything: nobody knows what it used. */
  readonly unanswered: boolean;
  /** The provider's figures: its last word, or what it had said when it was cut off; `null` where it said nothing. */
  readonly said: { readonly tokens: TokenCounts; readonly quality: 'exact' | 'partial' } | null;
  /** Output received, from which tokens are estimated where they must be. */
  readonly seen: SeenOutput;
  readonly firstByteAtMs: number | null;
}

/** An attempt of which the client has seen nothing yet, so that another may be made. */
export type Failure =
  | { readonly answer: ErrorAnswer }
  /** The provider could not be reached, or broke off before its answer began. */
  | { readonly error: TollgateError; readonly retryable: boolean };

export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export interface RelaySettings {
  readonly provider: string;
  readonly usage: UsageDialect;
  readonly passUsageOn: boolean;
  /** Answers generated side by side. */
  readonly choices: number;
  readonly promptBytes: number;
  /** Output tokens at which a stream is ended, under hard enforcement; else `null`. */
  readonly outputLimit: number | null;
  /** Called in the moment before the request is written to the provider; an error stops it. */
  readonly begin: () => TollgateError | null;
  /** Called instead of `settle` where the request was not written. */
  readonly withdraw: () => void;
  /** Called once, before the client can see the end of its answer. */
  readonly settle: (outcome: Outcome) => void;
  /** Called after `settle` where the client has all it gets. */
  readonly done: () => void;
  /** Called after `settle`, instead, where the client has been sent nothing. */
  readonly failed: (failure: Failure) => void;
}

/** Headers of a provider that its client may see; everything else, such as its own limits, stays here. */
const PASSED_ON = new Set([
  'content-type',
  'content-encoding',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
]);
/** An answer larger than this is passed on but not read for usage; an error is cut off. */
const MAX_READ_BYTES = 32 * 1_048_576;
const MAX_ERROR_BYTES = 1_048_576;
/** An answer up to this size leaves in one piece, which costs the least. */
const MAX_WHOLE_BYTES = 262_144;

/**
 * Passes a provider's answer on to the client as it comes, and learns its usage on the way.
 *
 * waiting → relaying → ended (settled once)
 *    │         └─ the client leaves → draining → ended: read on for a time, since the provider charges all the same
 *    └─ an error answer, or none → ended, and handed to `failed`, which may make another attempt
 */
export class Relay implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private httpStatus: number | null = null;
  private headers: Headers = {};
  private stream: StreamUsage | null = null;
  /** What is not a stream, as far as it is kept to be read. */
  private readonly kept = new Gathered();
  private receivedBytes = 0;
  private firstByteAtMs: number | null = null;
  private clientGone = false;
  private ended = false;

  constructor(
    private readonly answer: Answer,
    private readonly settings: RelaySettings,
  ) {}

  /** Output that a stream has brought so far, in tokens at the least. */
  get outputEvents(): number {
    return this.stream?.outputEvents ?? 0;
  }

  /** The client has left. Its answer is read on, to learn what it used, until {@link abort}. */
  drain(): void {
    this.clientGone = true;
    // A paused answer waits for a client that will not drain it any more.
    this.controller?.resume();
  }

  /** Stops the attempt for a reason of the gateway's own: its shutdown, a revocation, a time that is up. */
  abort(): void {
    if (this.ended) return;
    if (this.controller) this.end('aborted', false, undefined, this.httpStatus === null);
    else this.endUnsent();
    this.controller?.abort(new Error('ended by the gateway'));
    this.res.destroy();
    this.settings.done();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    const refusal = this.ended || this.clientGone ? null : this.settings.begin();
    if (!this.ended && !this.clientGone && !refusal) return;
    controller.abort(new Error('not forwarded'));
    if (this.ended) return;
    this.endUnsent();
    if (refusal) this.settings.failed({ error: refusal, retryable: false });
    else this.settings.done();
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.httpStatus = status;
    this.headers = headers;
    const { usage, passUsageOn, choices } = this.settings;
    const isStream = String(headers['content-type'] ?? '').startsWith('text/event-stream');
    if (isRefusal(status) || !isStream || isEncoded(headers)) return;
    this.stream = usage.stream(passUsageOn, choices);
    if (this.clientGone) return;
    this.writeHead();
    this.res.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.ended) return;
    this.firstByteAtMs ??= Date.now();
    this.receivedBytes += chunk.length;
    if (!this.stream) {
      this.keep(controller, chunk);
      return;
    }
    const passed = this.stream.push(chunk);
    const { outputLimit } = this.settings;
    if (outputLimit !== null && this.stream.outputEvents > outputLimit && !this.stream.finished)
      this.endAtLimit(outputLimit);
    else this.write(controller, passed);
  }

  onResponseEnd(): void {
    if (this.ended) return;
    if (this.isError) {
      this.endWithError();
      return;
    }
    const rest = this.stream?.end();
    if (rest && rest.length > 0 && !this.clientGone) this.res.write(rest);
    const cutShort = this.stream !== null && !this.stream.finished && !this.stream.failed;
    const failed = cutShort || this.stream?.failed === true;
    this.end(this.clientGone ? 'aborted' : failed ? 'failed' : 'succeeded', true);
    if (!this.clientGone) {
      if (cutShort) this.res.destroy();
      else if (this.stream || this.res.headersSent) this.res.end();
      else this.answerWhole();
    }
    this.settings.done();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.ended) return;
    this.end(this.clientGone ? 'aborted' : 'failed', false);
    const { provider, failed, done } = this.settings;
    if (!this.clientGone && !this.res.headersSent) {
      failed(unreachable(error, provider, this.httpStatus));
      return;
    }
    // After the first byte the only honest sign of failure is a broken connection.
    if (!this.clientGone) this.res.destroy();
    done();
  }

  private get res(): ServerResponse {
    return this.answer.res;
  }

  private get isError(): boolean {
    return this.httpStatus === null || isRefusal(this.httpStatus);
  }

  private keep(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isError) {
      if (this.receivedBytes <= MAX_ERROR_BYTES) this.kept.add(chunk);
      return;
    }
    if (this.receivedBytes <= MAX_READ_BYTES) this.kept.add(chunk);
    if (this.clientGone) return;
    if (this.res.headersSent) this.write(controller, chunk);
    else if (this.receivedBytes > MAX_WHOLE_BYTES) {
      this.writeHead();
      this.write(controller, this.kept.bytes);
    }
  }

  private write(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.clientGone || bytes.length === 0 || this.res.write(bytes)) return;
    controller.pause();
    this.res.once('drain', () => controller.resume());
  }

  private writeHead(): void {
    passOn(this.answer, this.headers);
    // The length changes where an event is left out; Node frames the answer itself then.
    const length = this.headers['content-length'];
    if (!this.stream && length !== undefined) this.answer.set('content-length', length);
    this.answer.begin(this.httpStatus!);
  }

  private answerWhole(): void {
    passOn(this.answer, this.headers);
    this.answer.end(this.httpStatus!, this.kept.bytes);
  }

  private endWithError(): void {
    const answer = { status: this.httpStatus!, headers: this.headers, body: this.kept.bytes };
    this.end(this.clientGone ? 'aborted' : 'failed', true);
    if (this.clientGone) this.settings.done();
    else this.settings.failed({ answer });
  }

  /** The provider has gone on beyond the cap it was given: what is held for the attempt is used up. */
  private endAtLimit(outputLimit: number): void {
    const stream = this.stream!;
    const upTo = { outputEvents: outputLimit, outputBytes: 0 };
    this.end(this.clientGone ? 'aborted' : 'succeeded', false, upTo);
    this.controller?.abort(new Error('the limit is reached'));
    if (!this.clientGone) this.res.end(stream.endAtLimit(estimateTokens(this.settings.promptBytes, upTo)));
    this.settings.done();
  }

  private endUnsent(): void {
    this.ended = true;
    this.settings.withdraw();
  }

  private end(status: Outcome['status'], complete: boolean, upTo?: SeenOutput, unanswered = false): void {
    this.ended = true;
    const said = this.said(complete, upTo);
    this.settings.settle({
      status,
      httpStatus: this.httpStatus,
      unanswered,
      said,
      seen: upTo ?? (said ? NOTHING : this.seen(complete)),
      firstByteAtMs: this.firstByteAtMs,
    });
  }

  /** Output where the provider did not count it. */
  private seen(complete: boolean): SeenOutput {
    if (this.stream) return this.stream;
    const isReadable = complete && !this.isError && this.isKept;
    const outputBytes = isReadable ? this.settings.usage.outputBytesOf(this.kept.bytes) : this.receivedBytes;
    return { outputEvents: 0, outputBytes };
  }

  private said(complete: boolean, upTo?: SeenOutput): Outcome['said'] {
    if (this.stream) {
      const { usage, finished } = this.stream;
      if (!usage) return null;
      return finished
        ? { tokens: usage, quality: 'exact' }
        : { tokens: raisedToSeen(usage, upTo ?? this.stream), quality: 'partial' };
    }
    if (!complete || !this.isKept) return null;
    const tokens = this.settings.usage.ofBody(this.kept.bytes);
    return tokens && { tokens, quality: 'exact' };
  }

  /** All of a body that can be read was kept. */
  private get isKept(): boolean {
    return this.receivedBytes <= MAX_READ_BYTES && !isEncoded(this.headers);
  }
}

const NOTHING: SeenOutput = { outputEvents: 0, outputBytes: 0 };

/** Nobody asked for an encoded answer; one that comes is passed on unread, however small it claims to be. */
const isEncoded = (headers: Headers) =>
  headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity';

function passOn(answer: Answer, headers: Headers): void {
  for (const name of PASSED_ON) {
    const value = headers[name];
    if (value !== undefined) answer.set(name, value);
  }
}

/** Passes on a provider's error as it came, marked as its own. */
export function answerUpstreamError(answer: Answer, provider: string, error: ErrorAnswer): void {
  passOn(answer, error.headers);
  answer.set('x-tollgate-upstream', provider);
  answer.end(error.status, error.body);
}

/** What is no success has no usage unless it says so; a redirect is none, since nobody follows it. */
export const isRefusal = (httpStatus: number): boolean => httpStatus >= 300;

function unreachable(error: Error, provider: string, httpStatus: number | null): Failure {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return timedOut
    ? {
        error: new TollgateError(
          'upstream_timeout',
          `The provider ${provider} did not answer in time. Try again.`,
        ),
        // What was sent may still be worked on, and charged, unless nothing was sent.
        retryable: error instanceof errors.ConnectTimeoutError,
      }
    : {
        error: new TollgateError(
          'upstream_unreachable',
          `The provider ${provider} could not be reached. Try again.`,
        ),
        retryable: httpStatus === null,
      };
}
