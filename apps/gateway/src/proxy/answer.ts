import type { ServerResponse } from 'node:http';
import type { TollgateError } from '@tollgate/contracts/errors';
import type { Protocol } from '../call/endpoints.ts';
import { LimitReached } from './limit-reached.ts';

type HeaderValue = string | number | readonly string[];

/**
 * An answer until it begins. Its headers are gathered here and given to node all at once, which takes half as long as
 * setting each.
 */
export class Answer {
  /** A name, its value, the next name, … */
  private readonly head: HeaderValue[];

  constructor(
    readonly res: ServerResponse,
    readonly requestId: string,
  ) {
    this.head = ['x-request-id', requestId];
  }

  /** @param name in lower case */
  set(name: string, value: HeaderValue): void {
    const at = this.indexOf(name);
    if (at === -1) this.head.push(name, value);
    else this.head[at + 1] = value;
  }

  remove(name: string): void {
    const at = this.indexOf(name);
    if (at !== -1) this.head.splice(at, 2);
  }

  /** Gives its head to node. */
  begin(status: number): void {
    this.res.writeHead(status, this.head as string[]);
  }

  /** The whole of it. */
  end(status: number, body: Buffer): void {
    this.set('content-length', body.length);
    this.begin(status);
    this.res.end(body);
  }

  json(status: number, body: unknown): void {
    this.set('content-type', 'application/json; charset=utf-8');
    this.end(status, Buffer.from(JSON.stringify(body)));
  }

  /** Answers an error in the shape of the client's protocol; a limit also says when to come back. */
  error(error: TollgateError, protocol: Protocol): void {
    if (error instanceof LimitReached) {
      if (error.retryAfterSeconds !== null) this.set('retry-after', error.retryAfterSeconds);
      this.set('x-should-retry', String(error.worthRetrying));
      // What this gateway has admitted itself may leave more: other gateways have it.
      if (error.code === 'requests_per_minute_reached') this.set('x-ratelimit-remaining-requests', 0);
    }
    const { retryAfterSeconds } = error.extras;
    if (retryAfterSeconds !== undefined) this.set('retry-after', retryAfterSeconds);
    // What is left of the request's body is not read: the connection cannot be used again.
    if (!this.res.req.complete) this.set('connection', 'close');
    this.json(error.status, protocol === 'anthropic' ? anthropicShape(error) : error.toBody());
  }

  /** Of a name: a provider may send one as a value. */
  private indexOf(name: string): number {
    for (let at = 0; at < this.head.length; at += 2) if (this.head[at] === name) return at;
    return -1;
  }
}

/** Anthropic's names for kinds of errors, by status: its SDKs map them to their classes. */
const ANTHROPIC_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
};

function anthropicShape(error: TollgateError) {
  const { error: body } = error.toBody();
  const fallback = error.status < 500 ? 'invalid_request_error' : 'api_error';
  return { type: 'error', error: { ...body, type: ANTHROPIC_TYPES[error.status] ?? fallback } };
}
