import { z } from 'zod';
import {
  type Answer,
  type Format,
  outputCap,
  readBody,
  type StreamEvent,
  serverSentEvent,
  textIn,
} from '../format.ts';
import { promptTokens } from '../usage.ts';
import { DONE, FINGERPRINT, openAi, openAiUsage } from './openai.ts';

const completionRequest = z.looseObject({
  model: z.string().min(1),
  prompt: z.union([z.string(), z.array(z.string()).min(1)]),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: outputCap,
  n: z.int().min(1).max(128).nullish(),
});

/** `POST /v1/completions`: each prompt is a message to its user's tokens, and has `n` choices. */
export const completions: Format = {
  ...openAi,
  idPrefix: 'cmpl-',
  read(body) {
    const request = readBody(completionRequest, body);
    const messages = [request.prompt].flat().map((prompt) => ({ role: 'user', content: prompt }));
    return {
      model: request.model,
      streamed: request.stream === true,
      messages,
      promptTokens: promptTokens(messages),
      cap: request.max_tokens ?? undefined,
      choices: messages.length * (request.n ?? 1),
      whole: (answer) => whole(answer, request.model),
      stream: (answer) => stream(answer, request.model, request.stream_options?.include_usage === true),
    };
  },
};

const head = ({ id, created }: Answer, model: string) => ({
  id,
  object: 'text_completion',
  created,
  model,
  system_fingerprint: FINGERPRINT,
});

function whole(answer: Answer, model: string) {
  return {
    ...head(answer, model),
    choices: answer.completions.map((completion, index) => ({
      index,
      text: textIn(completion),
      logprobs: null,
      finish_reason: completion.finishReason,
    })),
    usage: answer.usage(openAiUsage(answer.tokens)),
  };
}

function* stream(answer: Answer, model: string, includeUsage: boolean): Generator<StreamEvent> {
  const chunk = (choices: object[], usage: unknown = null) =>
    serverSentEvent({ ...head(answer, model), choices, ...(includeUsage && { usage }) });
  const choice = (index: number, text: string, finish_reason: string | null = null) =>
    chunk([{ index, text, logprobs: null, finish_reason }]);
  for (const [index, completion] of answer.completions.entries()) {
    for (const word of completion.tokens()) yield { token: true, text: choice(index, word) };
    yield { text: choice(index, '', completion.finishReason) };
  }
  const reported = answer.usage(openAiUsage(answer.tokens));
  if (includeUsage && reported !== undefined) yield { usage: reported, text: chunk([], reported) };
  yield { text: DONE };
}
