import { anthropicTokens } from './anthropic-tokens.ts';
import { usageOfJson } from './body-usage.ts';
import { CHAT, ChatStream, LEGACY } from './chat-stream.ts';
import type { UsageDialect } from './dialect.ts';
import { MessagesStream } from './messages-stream.ts';
import { chatTokens, embeddingTokens, responsesTokens } from './openai-tokens.ts';
import { outputIn } from './output-text.ts';
import { ResponsesStream } from './responses-stream.ts';

/** The wire formats that the router meters, by their endpoints. */
export type WireFormat = 'chat' | 'completions' | 'embeddings' | 'responses' | 'messages';

const textIn = (...names: string[]) => {
  const output = outputIn(...names);
  return (body: Buffer) => output(body.toString('latin1'));
};

/** How each wire format tells its usage. */
export const DIALECTS: Readonly<Record<WireFormat, UsageDialect>> = {
  chat: {
    ofBody: (body) => chatTokens(usageOfJson(body)),
    outputBytesOf: textIn('content', 'reasoning_content', 'reasoning', 'refusal', 'arguments'),
    stream: (passUsageOn, choices = 1) => new ChatStream(CHAT, passUsageOn, choices),
  },
  completions: {
    ofBody: (body) => chatTokens(usageOfJson(body)),
    outputBytesOf: textIn('text'),
    stream: (passUsageOn, choices = 1) => new ChatStream(LEGACY, passUsageOn, choices),
  },
  embeddings: {
    ofBody: (body) => embeddingTokens(usageOfJson(body)),
    outputBytesOf: () => 0,
    // No provider streams vectors; one that does is passed on as it is.
    stream: () => new ChatStream(CHAT, true, 0),
  },
  responses: {
    ofBody: (body) => responsesTokens(usageOfJson(body)),
    outputBytesOf: textIn('text', 'arguments', 'refusal'),
    stream: () => new ResponsesStream(),
  },
  messages: {
    ofBody: (body) => anthropicTokens(usageOfJson(body)),
    outputBytesOf: textIn('text', 'thinking'),
    stream: () => new MessagesStream(),
  },
};
