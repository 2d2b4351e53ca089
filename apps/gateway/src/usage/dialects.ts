import type { UsageDialect } from './dialect.ts';
import { usageOfBody } from './openai-counts.ts';

export type WireFormat = 'chat' | 'completions' | 'embeddings' | 'responses' | 'messages';

const openai: UsageDialect = {
  ofBody: usageOfBody,
  stream: () => {
    throw new Error('not yet');
  },
};

/** How each wire format tells its usage. */
export const DIALECTS: Readonly<Record<WireFormat, UsageDialect>> = {
  chat: openai,
  completions: openai,
  embeddings: openai,
  responses: openai,
  messages: openai,
};
