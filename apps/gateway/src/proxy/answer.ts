import type { ServerResponse } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import { LimitReached } from './limit-reached.ts';

export function answerJson(res: ServerResponse, status: number, body: unknown): void {
  const bytes = Buffer.from(JSON.stringify(body));
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  });
  res.end(bytes);
}

/** Answers an error in OpenAI's shape; a limit also says when to come back. */
export function answerError(res: ServerResponse, error: TollgateError): void {
  if (error instanceof LimitReached) {
    if (error.retryAfterSeconds !== null) res.setHeader('retry-after', error.retryAfterSeconds);
    res.setHeader('x-should-retry', String(error.worthRetrying));
  }
  const { retryAfterSeconds } = error.extras;
  if (retryAfterSeconds !== undefined) res.setHeader('retry-after', retryAfterSeconds);
  // What is left of the request's body is not read: the connection cannot be used again.
  if (!res.req.complete) res.setHeader('connection', 'close');
  answerJson(res, error.status, error.toBody());
}
