import { errorBodyOf } from './api-error.ts';
import type { Behaviour } from './behaviour.ts';
import { type ChatRequest, outputCap } from './chat-request.ts';
import { type AnswerHead, completionBody, completionChunks, DONE, serverSentEvent } from './chunks.ts';
import { type Completion, complete } from './completion.ts';
import type { Exchange } from './exchange.ts';
import type { LoggedRequest, Outcome } from './request-log.ts';
import { promptTokens, usageOf } from './usage.ts';

interface Answer {
  readonly head: AnswerHead;
  readonly completions: readonly Completion[];
  /** Generated in full, over all choices. */
  readonly tokens: number;
  /** To be reported; `undefined` for none. */
  readonly usage: unknown;
}

/**
 * Answers a chat request as its behaviour says, noting in the log entry what was generated and reported as it
 * happens, so that the entry is right wherever the caller hangs up.
 * @throws ConnectionGone when it does
 */
export async function serveChat(
  exchange: Exchange,
  id: string,
  request: ChatRequest,
  behaviour: Behaviour,
  entry: LoggedRequest,
): Promise<Outcome> {
  await exchange.pause(behaviour.delay_ms);
  if (behaviour.reset === 'before_headers') {
    await exchange.reset();
    return 'reset';
  }
  if (behaviour.status !== undefined) {
    entry.status = behaviour.status;
    await exchange.json(
      behaviour.status,
      behaviour.error ?? errorBodyOf(behaviour.status),
      behaviour.retry_after === undefined ? {} : { 'retry-after': behaviour.retry_after },
    );
    return 'error';
  }
  const answer = prepare(id, request, behaviour);
  entry.status = 200;
  entry.prompt_tokens = promptTokens(request.messages);
  return request.stream
    ? serveStream(exchange, request, answer, behaviour, entry)
    : serveWhole(exchange, answer, behaviour, entry);
}

function prepare(id: string, request: ChatRequest, behaviour: Behaviour): Answer {
  const completions = Array.from({ length: request.n ?? 1 }, (_, choice) =>
    complete(request.messages, { length: behaviour.completion_tokens, cap: outputCap(request), choice }),
  );
  const tokens = completions.reduce((sum, { length }) => sum + length, 0);
  const usage =
    behaviour.usage === undefined ? usageOf(promptTokens(request.messages), tokens) : behaviour.usage;
  const head = { id, created: Math.floor(Date.now() / 1000), model: request.model };
  return { head, completions, tokens, usage: usage ?? undefined };
}

async function serveWhole(
  exchange: Exchange,
  { head, completions, tokens, usage }: Answer,
  behaviour: Behaviour,
  entry: LoggedRequest,
): Promise<Outcome> {
  const body = Buffer.from(JSON.stringify(completionBody(head, completions, usage)));
  entry.completion_tokens = tokens;
  exchange.response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  if (behaviour.first_byte_delay_ms) exchange.response.flushHeaders();
  await exchange.pause(behaviour.first_byte_delay_ms);
  if (behaviour.reset) {
    await exchange.write(body.subarray(0, Math.ceil(body.length / 2)));
    await exchange.reset();
    return 'reset';
  }
  entry.reported_usage = usage ?? null;
  await exchange.end(body);
  return 'served';
}

async function serveStream(
  exchange: Exchange,
  request: ChatRequest,
  { head, completions, tokens, usage }: Answer,
  behaviour: Behaviour,
  entry: LoggedRequest,
): Promise<Outcome> {
  const cutAfter = behaviour.truncate_after_chunks ?? (behaviour.reset ? Math.floor(tokens / 2) : Infinity);
  const includeUsage = request.stream_options?.include_usage === true;
  exchange.head(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  await exchange.pause(behaviour.first_byte_delay_ms);
  let first = true;
  for (const { kind, data } of completionChunks(head, completions, { usage, includeUsage })) {
    if (kind !== 'role' && entry.completion_tokens >= cutAfter) {
      if (behaviour.reset) await exchange.reset();
      else await exchange.end();
      return behaviour.reset ? 'reset' : 'truncated';
    }
    if (!first) await exchange.pause(behaviour.chunk_delay_ms);
    first = false;
    if (kind === 'content') entry.completion_tokens += 1;
    if (kind === 'usage') entry.reported_usage = usage;
    await exchange.write(serverSentEvent(data));
  }
  await exchange.end(DONE);
  return 'served';
}
