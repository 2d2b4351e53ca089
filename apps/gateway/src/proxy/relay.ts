import type { ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { TokenCounts } from '@tollgate/contracts/events';
import { type Dispatcher, errors } from 'undici';
import type { StreamUsage } from '../usage/dialect.ts';
import { DIALECTS } from '../usage/dialects.ts';
import { answerError } from './answer.ts';

/** How an attempt ended. `tokens` is `null` where the provider did not say. */
export interface Outcome {
  readonly status: 'succeeded' | 'failed' | 'aborted';
  readonly httpStatus: number | null;
  readonly tokens: TokenCounts | null;
  /** Whether the provider's answer arrived to its end. */
  readonly complete: boolean;
  /** Events or bytes received, from which tokens are estimated where they must be. */
  readonly receivedEvents: number;
  readonly receivedBytes: number;
  readonly firstByteAtMs: number | null;
}

/** Headers of a provider that its client may see; everything else, such as its own limits, stays here. */
const PASSED_ON = new Set([
  'content-type',
  'content-encoding',
  'openai-processing-ms',
  'openai-version',
  'retry-after',
]);
/** An answer larger than this is passed on but not read for usage. */
const MAX_READ_BYTES = 32 * 1_048_576;

export interface RelaySettings {
  readonly provider: string;
  readonly wantsUsage: boolean;
  readonly drainMs: number;
  /** Called once, before the client can see the end of its answer. */
  readonly settle: (outcome: Outcome) => void;
}

/**
 * Passes a provider's answer on to the client as it comes, and learns its usage on the way.
 *
 * waiting → relaying → ended (settled once)
 *    └─────────┴─ the client leaves → draining → ended: the answer is read on, up to a time, since the provider
 *                 charges for it all the same
 */
export class Relay implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;
  private httpStatus: number | null = null;
  private sse: StreamUsage | null = null;
  private readonly body: Buffer[] = [];
  private receivedBytes = 0;
  private firstByteAtMs: number | null = null;
  private clientGone = false;
  private ended = false;
  private drainTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly res: ServerResponse,
    private readonly settings: RelaySettings,
  ) {
    res.once('close', () => this.onClientClose());
  }

  /** Stops the attempt for a reason of the gateway's own, such as its shutdown. */
  abort(): void {
    this.controller?.abort(new Error('aborted by the gateway'));
    this.end('aborted', false);
    this.res.destroy();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.httpStatus = status;
    const type = String(headers['content-type'] ?? '');
    if (status < 400 && type.startsWith('text/event-stream'))
      this.sse = DIALECTS.chat.stream(this.settings.wantsUsage);
    if (this.clientGone) return;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined && PASSED_ON.has(name)) this.res.setHeader(name, value);
    }
    // The length changes where a chunk is left out; Node frames the answer itself then.
    const length = headers['content-length'];
    if (!this.sse && length !== undefined) this.res.setHeader('content-length', length);
    if (status >= 400) this.res.setHeader('x-tollgate-upstream', this.settings.provider);
    this.res.writeHead(status);
    if (this.sse) this.res.flushHeaders();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.firstByteAtMs ??= Date.now();
    this.receivedBytes += chunk.length;
    const passed = this.sse ? this.sse.push(chunk) : this.keep(chunk);
    if (this.clientGone || passed.length === 0) return;
    if (!this.res.write(passed)) {
      controller.pause();
      this.res.once('drain', () => controller.resume());
    }
  }

  onResponseEnd(): void {
    const rest = this.sse?.end();
    if (rest && rest.length > 0 && !this.clientGone) this.res.write(rest);
    const succeeded = this.httpStatus !== null && this.httpStatus < 400;
    this.end(this.clientGone ? 'aborted' : succeeded ? 'succeeded' : 'failed', true);
    if (!this.clientGone) this.res.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.ended) return;
    this.end(this.clientGone ? 'aborted' : 'failed', false);
    if (this.clientGone) return;
    // After the first byte the only honest sign of failure is a broken connection.
    if (this.res.headersSent) this.res.destroy();
    else answerError(this.res, upstreamError(error, this.settings.provider));
  }

  private keep(chunk: Buffer): Buffer {
    if (this.receivedBytes <= MAX_READ_BYTES) this.body.push(chunk);
    return chunk;
  }

  private onClientClose(): void {
    if (this.ended) return;
    this.clientGone = true;
    // A paused answer waits for a client that will not drain it any more.
    this.controller?.resume();
    this.drainTimer = setTimeout(() => {
      this.controller?.abort(new Error('the client has gone'));
      this.end('aborted', false);
    }, this.settings.drainMs);
  }

  private end(status: Outcome['status'], complete: boolean): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.drainTimer);
    this.settings.settle({
      status,
      httpStatus: this.httpStatus,
      tokens: this.usage(complete),
      complete,
      receivedEvents: this.sse?.outputEvents ?? 0,
      receivedBytes: this.receivedBytes,
      firstByteAtMs: this.firstByteAtMs,
    });
  }

  private usage(complete: boolean): TokenCounts | null {
    if (this.sse) return this.sse.usage;
    return complete && this.receivedBytes <= MAX_READ_BYTES
      ? DIALECTS.chat.ofBody(Buffer.concat(this.body))
      : null;
  }
}

function upstreamError(error: Error, provider: string): TollgateError {
  const timedOut =
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  return timedOut
    ? new TollgateError('upstream_timeout', `The provider ${provider} did not answer in time. Try again.`)
    : new TollgateError('upstream_unreachable', `The provider ${provider} could not be reached. Try again.`);
}
