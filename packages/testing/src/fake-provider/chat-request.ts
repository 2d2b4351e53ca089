import { z } from 'zod';
import { ApiError } from './api-error.ts';

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
});

/** What the fake provider reads of `POST /v1/chat/completions`; all else is accepted and ignored. */
const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).max(128).nullish(),
});
export type ChatRequest = z.infer<typeof chatRequest>;

/** @throws ApiError 400 naming the first parameter that is wrong */
export function readChatRequest(body: Buffer): ChatRequest {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError(400, 'We could not parse the JSON body of your request.');
  }
  const result = chatRequest.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') || null;
  throw new ApiError(
    400,
    `Invalid value for '${param ?? 'body'}': ${issue?.message}`,
    'invalid_value',
    param,
  );
}

/** The lower of the two caps, under their old and new name; `undefined` where there is none. */
export function outputCap({ max_tokens, max_completion_tokens }: ChatRequest): number | undefined {
  const caps = [max_tokens, max_completion_tokens].filter((cap) => typeof cap === 'number');
  return caps.length === 0 ? undefined : Math.min(...caps);
}
