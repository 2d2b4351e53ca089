import type { Exchange } from './exchange.ts';
import { messages } from './formats/messages.ts';
import { openAi } from './formats/openai.ts';

/** Listed, not enforced: a request may name any model. */
const OPENAI_MODELS = [
  'gpt-4o',
  'gpt-4o-mini',
  'gpt-4.1',
  'gpt-4.1-mini',
  'gpt-4.1-nano',
  'gpt-5',
  'gpt-5-mini',
  'text-embedding-3-small',
];
const ANTHROPIC_MODELS = ['claude-opus-4-8', 'claude-sonnet-4-6', 'claude-haiku-4-5'];

/** `GET /v1/models`: Anthropic's to a caller that speaks its version header, OpenAI's to all others. */
export function listModels(exchange: Exchange, apiKey: string): Promise<void> {
  if (exchange.header('anthropic-version') === null) {
    openAi.authorize(exchange, apiKey);
    const data = OPENAI_MODELS.map((id) => ({
      id,
      object: 'model',
      created: 1_715_367_049,
      owned_by: 'fake-provider',
    }));
    return exchange.json(200, { object: 'list', data });
  }
  messages.authorize(exchange, apiKey);
  return exchange.json(200, {
    data: ANTHROPIC_MODELS.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2025-11-01T00:00:00Z',
    })),
    has_more: false,
    first_id: ANTHROPIC_MODELS[0],
    last_id: ANTHROPIC_MODELS.at(-1),
  });
}
