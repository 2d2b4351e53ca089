import { ApiError, programmedError } from './api-error.ts';
import type { Behaviour } from './behaviour.ts';
import { complete } from './completion.ts';
import { type Encoding, encodingOf } from './encoding.ts';
import type { Exchange } from './exchange.ts';
import type { Answer, Call, Format, StreamEvent } from './format.ts';
import type { LoggedRequest, Outcome } from './request-log.ts';
import { tokensOf } from './tokens.ts';

export interface Attempt {
  readonly exchange: Exchange;
  readonly format: Format;
  readonly call: Call;
  readonly behaviour: Behaviour;
  readonly entry: LoggedRequest;
}

/**
 * Answers a call as its behaviour says, noting in the log entry what was generated and reported as it happens, so
 * that the entry is right wherever the caller hangs up.
 * @throws ConnectionGone when it does
 */
export async function serve(attempt: Attempt, id: string): Promise<Outcome> {
  const { exchange, format, call, behaviour, entry } = attempt;
  await exchange.pause(behaviour.delay_ms);
  if (behaviour.hang || behaviour.half_open) await exchange.gone();
  if (behaviour.reset === 'before_headers') {
    await exchange.reset();
    return 'reset';
  }
  if (behaviour.status !== undefined) {
    entry.status = behaviour.status;
    await exchange.json(
      behaviour.status,
      behaviour.error ?? format.errorBody(programmedError(behaviour.status)),
      behaviour.retry_after === undefined ? {} : { 'retry-after': behaviour.retry_after },
    );
    return 'error';
  }
  const answer = prepare(id, call, behaviour);
  entry.status = 200;
  entry.prompt_tokens = call.promptTokens;
  return call.streamed ? serveStream(attempt, answer) : serveWhole(attempt, answer);
}

/** Stands for a usage that is written as text and not as JSON. */
const USAGE_TEXT = '[[usage]]';

function prepare(id: string, call: Call, behaviour: Behaviour): Answer {
  const completions = Array.from({ length: call.choices }, (_, choice) =>
    complete(call.messages, {
      length: behaviour.infinite ? Infinity : behaviour.completion_tokens,
      cap: behaviour.ignore_cap || behaviour.infinite ? undefined : call.cap,
      reasoning: behaviour.reasoning_tokens,
      choice,
    }),
  );
  const sum = (part: 'length' | 'reasoning') => completions.reduce((total, each) => total + each[part], 0);
  const classes = { ...behaviour, reasoning_tokens: sum('reasoning') };
  return {
    id,
    created: Math.floor(Date.now() / 1000),
    completions,
    tokens: tokensOf(call.promptTokens, sum('length'), classes),
    usage(own) {
      if (behaviour.usage_text !== undefined) return USAGE_TEXT;
      return behaviour.usage === undefined ? own : (behaviour.usage ?? undefined);
    },
  };
}

const withUsageText = (text: string, { usage_text }: Behaviour) =>
  usage_text === undefined ? text : text.replaceAll(JSON.stringify(USAGE_TEXT), () => usage_text);

async function serveWhole({ exchange, call, behaviour, entry }: Attempt, answer: Answer): Promise<Outcome> {
  const encoding = encodingOf(behaviour);
  exchange.response.setHeader('content-type', 'application/json');
  if (behaviour.infinite) return serveEndless(exchange, encoding, answer, entry);
  const whole = call.whole(answer) as { usage?: unknown };
  const text = withUsageText(JSON.stringify(whole), behaviour);
  const body = Buffer.concat([...encoding.prefix(), encoding.encode(text)]);
  entry.completion_tokens = answer.tokens.output;
  exchange.response.writeHead(200, { 'content-length': body.length, ...encoding.headers });
  if (behaviour.first_byte_delay_ms) exchange.response.flushHeaders();
  await exchange.pause(behaviour.first_byte_delay_ms);
  if (behaviour.reset) {
    await exchange.write(body.subarray(0, Math.ceil(body.length / 2)));
    await exchange.reset();
    return 'reset';
  }
  noteUsage(entry, behaviour, whole.usage, answer);
  await exchange.end(body);
  return 'served';
}

/** A body of JSON that begins and never ends. */
async function serveEndless(
  exchange: Exchange,
  encoding: Encoding,
  answer: Answer,
  entry: LoggedRequest,
): Promise<never> {
  exchange.head(200, encoding.headers);
  await exchange.write(encoding.encode('{"content":"'));
  for (const word of answer.completions[0]?.tokens() ?? []) {
    entry.completion_tokens += 1;
    await exchange.write(encoding.encode(word));
  }
  return exchange.gone();
}

async function serveStream(attempt: Attempt, answer: Answer): Promise<Outcome> {
  const { exchange, format, call, behaviour, entry } = attempt;
  const encoding = encodingOf(behaviour);
  const send = (text: string) => exchange.write(encoding.encode(withUsageText(text, behaviour)));
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
  exchange.head(200, { ...headers, ...encoding.headers });
  await exchange.pause(behaviour.first_byte_delay_ms);
  for (const blank of encoding.prefix()) await exchange.write(blank);
  const { reasoning } = answer.tokens;
  const shown = answer.tokens.output - reasoning;
  const stopAfter = stopsAfter(behaviour, shown);
  entry.completion_tokens = reasoning;
  let first = true;
  for (const event of call.stream(answer)) {
    if (!event.opening && entry.completion_tokens - reasoning >= stopAfter) {
      if (behaviour.cut_mid_event) await send(event.text.slice(0, Math.ceil(event.text.length / 2)));
      return breakOff(exchange, behaviour, () => send(format.errorEvent(OVERLOADED)));
    }
    if (!first) await exchange.pause(behaviour.chunk_delay_ms);
    first = false;
    if (event.token) entry.completion_tokens += 1;
    noteUsage(entry, behaviour, event.usage, event.opening ? null : answer);
    await send(isFinalUsage(event) && behaviour.usage_twice ? event.text.repeat(2) : event.text);
  }
  await exchange.end();
  return 'served';
}

const OVERLOADED = new ApiError(529, 'The fake provider was told to fail here.', 'overloaded');
const isFinalUsage = ({ usage, opening }: StreamEvent) => usage !== undefined && !opening;

/** After how many shown tokens a stream is broken off, on a behaviour that does so. */
function stopsAfter(behaviour: Behaviour, shown: number): number {
  const { error_after, truncate_after_chunks, reset, cut_mid_event } = behaviour;
  return error_after ?? truncate_after_chunks ?? (reset || cut_mid_event ? Math.floor(shown / 2) : Infinity);
}

async function breakOff(
  exchange: Exchange,
  { error_after, reset }: Behaviour,
  sendError: () => Promise<void>,
): Promise<Outcome> {
  if (error_after !== undefined) await sendError();
  if (reset) await exchange.reset();
  else await exchange.end();
  if (error_after !== undefined) return 'error';
  return reset ? 'reset' : 'truncated';
}

/** @param answer whose tokens all were reported now; `null` while they are not yet */
function noteUsage(entry: LoggedRequest, behaviour: Behaviour, usage: unknown, answer: Answer | null): void {
  if (usage === undefined) return;
  const programmed = behaviour.usage !== undefined || behaviour.usage_text !== undefined;
  entry.reported_usage = usage === USAGE_TEXT ? behaviour.usage_text : usage;
  if (!programmed && answer) entry.reported_tokens = answer.tokens;
}
