import { z } from 'zod';
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
import { promptTokens } from '../usage.ts';
import { DONE, FINGERPRINT, openAi, openAiUsage } from './openai.ts';

/** What the fake provider reads of a request; all else is accepted and ignored. */
const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content: content.nullish() })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: outputCap,
  max_completion_tokens: outputCap,
  n: z.int().min(1).max(128).nullish(),
});

/** `POST /v1/chat/completions` */
export const chatCompletions: Format = {
  ...openAi,
  idPrefix: 'chatcmpl-',
  read(body) {
    const request = readBody(chatRequest, body);
    const caps = [request.max_tokens, request.max_completion_tokens].filter((cap) => typeof cap === 'number');
    return {
      model: request.model,
      streamed: request.stream === true,
      messages: request.messages,
      promptTokens: promptTokens(request.messages),
      cap: caps.length === 0 ? undefined : Math.min(...caps),
      choices: request.n ?? 1,
      whole: (answer) => whole(answer, request.model),
      stream: (answer) => stream(answer, request.model, request.stream_options?.include_usage === true),
    };
  },
};

function whole({ id, created, completions, tokens, usage }: Answer, model: string) {
  return {
    id,
    object: 'chat.completion',
    created,
    model,
    choices: completions.map((completion, index) => ({
      index,
      message: { role: 'assistant', content: textIn(completion), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: completion.finishReason,
    })),
    usage: usage(openAiUsage(tokens)),
    service_tier: 'default',
    system_fingerprint: FINGERPRINT,
  };
}

/**
 * For each choice its role, its tokens and its finish reason; at last, where `includeUsage`, the usage with no
 * choices. All others then carry `usage: null`, as OpenAI's do. A provider that reports none leaves the last out.
 */
function* stream(
  { id, created, completions, tokens, usage }: Answer,
  model: string,
  includeUsage: boolean,
): Generator<StreamEvent> {
  const chunk = (choices: object[], reported: unknown = null) =>
    serverSentEvent({
      id,
      object: 'chat.completion.chunk',
      created,
      model,
      service_tier: 'default',
      system_fingerprint: FINGERPRINT,
      choices,
      ...(includeUsage && { usage: reported }),
    });
  const choice = (index: number, delta: object, finish_reason: string | null = null) =>
    chunk([{ index, delta, logprobs: null, finish_reason }]);
  for (const [index, completion] of completions.entries()) {
    yield { opening: true, text: choice(index, { role: 'assistant', content: '', refusal: null }) };
    for (const word of completion.tokens()) yield { token: true, text: choice(index, { content: word }) };
    yield { text: choice(index, {}, completion.finishReason) };
  }
  const reported = usage(openAiUsage(tokens));
  if (includeUsage && reported !== undefined) yield { usage: reported, text: chunk([], reported) };
  yield { text: DONE };
}
