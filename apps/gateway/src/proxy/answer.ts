import type { ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import type { Protocol } from '../call/endpoints.ts';
import { LimitReached } from './limit-reached.ts';

export function answerJson(res: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  });
  res.end(bytes);
}

/** Answers an error in the shape of the client's protocol; a limit also says when to come back. */
export function answerError(res: ServerResponse, error: TollgateError, protocol: Protocol): void {
  if (error instanceof LimitReached) {
    if (error.retryAfterSeconds !== null) res.setHeader('retry-after', error.retryAfterSeconds);
    res.setHeader('x-should-retry', String(error.worthRetrying));
    // What this gateway has admitted itself may leave more: other gateways have it.
    if (error.code === 'requests_per_minute_reached') res.setHeader('x-ratelimit-remaining-requests', 0);
  }
  const { retryAfterSeconds } = error.extras;
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds);
  // What is left of the request's body is not read: the connection cannot be used again.
  if (!res.req.complete) res.setHeader('connection', 'close');
  answerJson(res, error.status, protocol === 'anthropic' ? anthropicShape(error) : error.toBody());
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
