import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Exchange } from './exchange.ts';
import { type Programme, readInstruction } from './programme.ts';
import type { RequestLog } from './request-log.ts';

export const DEFAULT_WAIT_MS = 45_000;

const logQuery = z.strictObject({
  /** Answers when so many requests match. */
  wait: z.coerce.number().int().min(0).default(0),
  timeout_ms: z.coerce.number().int().min(1).max(60_000).default(DEFAULT_WAIT_MS),
  request_id: z.string().optional(),
  model: z.string().optional(),
  state: z.enum(['ended', 'in_flight']).default('ended'),
});

/** `PUT /_control`: see {@link Programme.put}. */
export async function putControl(exchange: Exchange, programme: Programme): Promise<void> {
  programme.put(readInstruction((await exchange.body()).toString('utf8')));
  await exchange.json(200, programme);
}

/**
 * `GET /_log`: one JSON object a line, oldest first; `x-log-forgotten` counts those the ring had no room for.
 * With `wait=n` it answers when n requests match, or 504 after `timeout_ms`.
 */
export async function getLog(
  exchange: Exchange,
  query: URLSearchParams,
  log: RequestLog,
  stopped: AbortSignal,
) {
  const result = logQuery.safeParse(Object.fromEntries(query));
  if (!result.success) throw new ApiError(400, z.prettifyError(result.error), 'invalid_query');
  const { wait, timeout_ms, ...filter } = result.data;
  try {
    await log.wait(wait, filter, AbortSignal.any([stopped, AbortSignal.timeout(timeout_ms)]));
  } catch {
    const there = [...log.entries(filter)].length;
    throw new ApiError(504, `${there} of ${wait} requests were logged within ${timeout_ms} ms.`);
  }
  exchange.head(200, { 'content-type': 'application/x-ndjson', 'x-log-forgotten': log.forgotten });
  for (const entry of log.entries(filter)) await exchange.write(`${JSON.stringify(entry)}\n`);
  await exchange.end();
}
