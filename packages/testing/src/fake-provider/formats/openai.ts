import { ApiError } from '../api-error.ts';
import type { Exchange } from '../exchange.ts';
import { type Format, serverSentEvent } from '../format.ts';
import { promptOf, type Tokens } from '../tokens.ts';

/** What all of OpenAI's endpoints have in common. */
export const openAi = {
  authorize(exchange: Exchange, apiKey: string) {
    if (exchange.header('authorization') === `Bearer ${apiKey}`) return;
    throw new ApiError(401, 'Incorrect API key provided.', 'invalid_api_key');
  },
  errorBody: (error) => error.toBody(),
  errorEvent: (error) => serverSentEvent(error.toBody()),
} satisfies Partial<Format>;

/** `usage` of chat completions and completions. */
export const openAiUsage = (tokens: Tokens) => ({
  prompt_tokens: promptOf(tokens),
  completion_tokens: tokens.output,
  total_tokens: tokens.total,
  prompt_tokens_details: {
    cached_tokens: tokens.cached_input,
    cache_write_tokens: tokens.cache_write,
    audio_tokens: 0,
  },
  completion_tokens_details: {
    reasoning_tokens: tokens.reasoning,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
});

export const FINGERPRINT = 'fp_fake000001';
export const DONE = 'data: [DONE]\n\n';
