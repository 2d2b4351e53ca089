import type { ReceiverAnswer } from '@tollgate/domain/webhooks/retry';
import { abortedToo } from '@tollgate/service-kit/aborted-too';
import { Agent, type Dispatcher } from 'undici';
import { guardedConnector } from './guarded-connector.ts';
import type { ReceiverPolicy } from './receiver-policy.ts';

/** An attempt must be over by then, whatever the receiver does. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
const KEPT_RESPONSE_BYTES = 1_024;
const MAX_RECEIVER_CONNECTIONS = 16;

/** What came of one POST. */
export interface PostResult extends ReceiverAnswer {
  readonly ms: number;
  readonly response: string | null;
  readonly error: string | null;
}

/** The way out to receivers. A connection serves one attempt: an old one may have been closed at the other end. */
export const receiverAgent = (policy: ReceiverPolicy): Agent =>
  new Agent({
    connect: guardedConnector(policy, ATTEMPT_TIMEOUT_MS),
    pipelining: 0,
    connections: MAX_RECEIVER_CONNECTIONS,
  });

/**
 * POSTs a body and tells what came of it, never throwing. Redirects are not followed: they would lead where nobody has
 * looked, with a body that was meant for another.
 * @param signal gives the attempt up
 */
export async function post(
  agent: Dispatcher,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<PostResult> {
  const start = performance.now();
  const elapsed = () => Math.round(performance.now() - start);
  const timeout = AbortSignal.timeout(ATTEMPT_TIMEOUT_MS);
  try {
    const { origin, pathname, search } = new URL(url);
    return await abortedToo(signal, async (own) => {
      timeout.addEventListener('abort', () => own.abort());
      const answer = await agent.request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'tollgate-webhooks/1' },
        body,
        signal: own.signal,
      });
      const response = await beginning(answer.body);
      const { statusCode: status, headers: said } = answer;
      return {
        status,
        ms: elapsed(),
        response,
        error: complaint(status),
        retryAfterMs: retryAfter(said['retry-after'], Date.now()),
      };
    });
  } catch (error) {
    const message = timeout.aborted
      ? `The receiver did not answer within ${ATTEMPT_TIMEOUT_MS / 1_000} s.`
      : explain(error as Error);
    return { status: null, ms: elapsed(), response: null, error: message, retryAfterMs: null };
  }
}

/** The first 1 KiB of an answer; its status counts even where its body breaks off. Text that a database can keep. */
async function beginning(body: Dispatcher.ResponseData['body']): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= KEPT_RESPONSE_BYTES) break;
    }
  } catch {
    // What came of it is kept.
  } finally {
    body.on('error', () => undefined).destroy();
  }
  if (bytes === 0) return null;
  return Buffer.concat(chunks).subarray(0, KEPT_RESPONSE_BYTES).toString().replaceAll('\0', '\ufffd');
}

function complaint(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400) {
    return `The receiver answered ${status}, and redirects are not followed: give the address it redirects to.`;
  }
  return `The receiver answered ${status}.`;
}

/** Of `Retry-After`, seconds or a date; `null` where there is none that can be read. */
function retryAfter(header: string | string[] | undefined, nowMs: number): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? ms : null;
}

/** Node tries several addresses of a name, and what went wrong with each is in an error of errors. */
function explain(error: Error & { errors?: Error[] }): string {
  return (error.message || error.errors?.[0]?.message || error.name).slice(0, 500);
}
