import { z } from 'zod';
import type { Completion } from '../completion.ts';
import {
  type Answer,
  content,
  type Format,
  outputCap,
  readBody,
  type StreamEvent,
  serverSentEvent,
  textIn,
} from '../format.ts';
import { promptOf, type Tokens } from '../tokens.ts';
import { promptTokens } from '../usage.ts';
import { openAi } from './openai.ts';

const item = z.looseObject({ role: z.string().optional(), content: content.nullish() });
const responseRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(item).min(1)]),
  instructions: z.string().nullish(),
  stream: z.boolean().nullish(),
  max_output_tokens: outputCap,
});
type ResponseRequest = z.infer<typeof responseRequest>;

/** `POST /v1/responses` */
export const responses: Format = {
  ...openAi,
  idPrefix: 'resp_',
  errorEvent: ({ message, code, param }) =>
    serverSentEvent({ type: 'error', sequence_number: 0, code, message, param }, 'error'),
  read(body) {
    const request = readBody(responseRequest, body);
    const messages = messagesOf(request);
    return {
      model: request.model,
      streamed: request.stream === true,
      messages,
      promptTokens: promptTokens(messages),
      cap: request.max_output_tokens ?? undefined,
      choices: 1,
      whole: (answer) => ended(answer, request),
      stream: (answer) => stream(answer, request),
    };
  },
};

function messagesOf({ input, instructions }: ResponseRequest) {
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : input;
  return [
    ...(instructions ? [{ role: 'system', content: instructions }] : []),
    // Items without a role are calls and results of tools.
    ...items.map((each) => ({ role: each.role ?? 'tool', content: each.content })),
  ];
}

const usageOf = (tokens: Tokens) => ({
  input_tokens: promptOf(tokens),
  input_tokens_details: { cached_tokens: tokens.cached_input, cache_write_tokens: tokens.cache_write },
  output_tokens: tokens.output,
  output_tokens_details: { reasoning_tokens: tokens.reasoning },
  total_tokens: tokens.total,
});

const response = <S extends object>({ id, created }: Answer, request: ResponseRequest, state: S) => ({
  id,
  object: 'response',
  created_at: created,
  model: request.model,
  error: null,
  incomplete_details: null,
  instructions: request.instructions ?? null,
  max_output_tokens: request.max_output_tokens ?? null,
  metadata: {},
  output: [],
  parallel_tool_calls: true,
  temperature: 1,
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  ...state,
});

const textPart = (text: string) => ({ type: 'output_text', text, annotations: [], logprobs: [] });
const message = (id: string, status: string, parts: object[]) => ({
  type: 'message',
  id: `msg_${id}`,
  status,
  role: 'assistant',
  content: parts,
});
const statusOf = ({ finishReason }: Completion) => (finishReason === 'length' ? 'incomplete' : 'completed');

function ended(answer: Answer, request: ResponseRequest) {
  const completion = answer.completions[0]!;
  const status = statusOf(completion);
  return response(answer, request, {
    status,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    output: [message(answer.id, status, [textPart(textIn(completion))])],
    usage: answer.usage(usageOf(answer.tokens)),
  });
}

/** Usage comes with the last event, which repeats the whole response. */
function* stream(answer: Answer, request: ResponseRequest): Generator<StreamEvent> {
  const completion = answer.completions[0]!;
  let sequence_number = 0;
  const event = (type: string, data: object) =>
    serverSentEvent({ type, sequence_number: sequence_number++, ...data }, type);
  const item_id = `msg_${answer.id}`;
  const at = { item_id, output_index: 0, content_index: 0 };
  const begun = response(answer, request, { status: 'in_progress', usage: null });
  const opening = (type: string, data: object) => ({ opening: true, text: event(type, data) });
  yield opening('response.created', { response: begun });
  yield opening('response.in_progress', { response: begun });
  const unfinished = message(answer.id, 'in_progress', []);
  yield opening('response.output_item.added', { output_index: 0, item: unfinished });
  yield opening('response.content_part.added', { ...at, part: textPart('') });
  for (const delta of completion.tokens()) {
    yield { token: true, text: event('response.output_text.delta', { ...at, delta, logprobs: [] }) };
  }
  const text = textIn(completion);
  const whole = ended(answer, request);
  yield { text: event('response.output_text.done', { ...at, text, logprobs: [] }) };
  yield { text: event('response.content_part.done', { ...at, part: textPart(text) }) };
  yield { text: event('response.output_item.done', { output_index: 0, item: whole.output[0] }) };
  yield { usage: whole.usage, text: event(`response.${whole.status}`, { response: whole }) };
}
