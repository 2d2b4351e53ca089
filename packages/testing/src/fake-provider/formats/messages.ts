import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Completion } from '../completion.ts';
import {
  type Answer,
  content,
  type Format,
  readBody,
  type StreamEvent,
  serverSentEvent,
  textIn,
} from '../format.ts';
import type { Tokens } from '../tokens.ts';
import { promptTokens } from '../usage.ts';

const messagesRequest = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant']), content })).min(1),
  system: content.nullish(),
  stream: z.boolean().nullish(),
});

/** `POST /v1/messages`, as Anthropic speaks it. */
export const messages: Format = {
  idPrefix: 'msg_',
  authorize(exchange, apiKey) {
    // Clients before version 1 of Anthropic's own send x-api-key, those since then a bearer.
    const presented = exchange.header('x-api-key') ?? exchange.header('authorization');
    if (presented !== apiKey && presented !== `Bearer ${apiKey}`) {
      throw new ApiError(401, 'Incorrect API key provided.');
    }
    if (exchange.header('anthropic-version') === null) {
      throw new ApiError(400, 'anthropic-version: header is required');
    }
  },
  errorBody: anthropicError,
  errorEvent: (error) => serverSentEvent(anthropicError(error), 'error'),
  read(body) {
    const request = readBody(messagesRequest, body);
    const all = request.system
      ? [{ role: 'system', content: request.system }, ...request.messages]
      : request.messages;
    return {
      model: request.model,
      streamed: request.stream === true,
      messages: all,
      promptTokens: promptTokens(all),
      cap: request.max_tokens,
      choices: 1,
      whole: (answer) => whole(answer, request.model),
      stream: (answer) => stream(answer, request.model),
    };
  },
};

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export function anthropicError({ status, message }: ApiError) {
  const type = ERROR_TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return { type: 'error', error: { type, message } };
}

/** Input excludes what was read from or written to the cache, unlike OpenAI's. */
const usageOf = (tokens: Tokens, output = tokens.output) => ({
  input_tokens: tokens.input,
  cache_creation_input_tokens: tokens.cache_write,
  cache_read_input_tokens: tokens.cached_input,
  cache_creation: { ephemeral_5m_input_tokens: tokens.cache_write, ephemeral_1h_input_tokens: 0 },
  output_tokens: output,
  ...(tokens.reasoning > 0 && { output_tokens_details: { thinking_tokens: tokens.reasoning } }),
  service_tier: 'standard',
});

const stopReason = ({ finishReason }: Completion) => (finishReason === 'length' ? 'max_tokens' : 'end_turn');

const message = ({ id }: Answer, model: string, state: object) => ({
  id,
  type: 'message',
  role: 'assistant',
  model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  ...state,
});

function whole(answer: Answer, model: string) {
  const completion = answer.completions[0]!;
  return message(answer, model, {
    content: [{ type: 'text', text: textIn(completion) }],
    stop_reason: stopReason(completion),
    usage: answer.usage(usageOf(answer.tokens)),
  });
}

/** Usage comes twice: the input's at the start, with the first output token, and all of it at the end. */
function* stream(answer: Answer, model: string): Generator<StreamEvent> {
  const completion = answer.completions[0]!;
  const event = (type: string, data: object = {}) => serverSentEvent({ type, ...data }, type);
  const atStart = answer.usage(usageOf(answer.tokens, Math.min(1, answer.tokens.output)));
  const begun = message(answer, model, { usage: atStart });
  yield { opening: true, usage: atStart, text: event('message_start', { message: begun }) };
  const block = { index: 0, content_block: { type: 'text', text: '' } };
  yield { opening: true, text: event('content_block_start', block) };
  yield { opening: true, text: event('ping') };
  for (const text of completion.tokens()) {
    const delta = { index: 0, delta: { type: 'text_delta', text } };
    yield { token: true, text: event('content_block_delta', delta) };
  }
  yield { text: event('content_block_stop', { index: 0 }) };
  const usage = answer.usage(usageOf(answer.tokens));
  const delta = { stop_reason: stopReason(completion), stop_sequence: null };
  yield { usage, text: event('message_delta', { delta, usage }) };
  yield { text: event('message_stop') };
}
