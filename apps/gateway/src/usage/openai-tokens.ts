import type { TokenCounts } from '@tollgate/contracts/events';
import { countOf, field, partOf } from './sense.ts';

/** What OpenAI's APIs call the figures that they share. */
interface Names {
  readonly input: string;
  readonly inputDetails: string;
  readonly output: string;
  readonly outputDetails: string;
}

const CHAT: Names = {
  input: 'prompt_tokens',
  inputDetails: 'prompt_tokens_details',
  output: 'completion_tokens',
  outputDetails: 'completion_tokens_details',
};
const RESPONSES: Names = {
  input: 'input_tokens',
  inputDetails: 'input_tokens_details',
  output: 'output_tokens',
  outputDetails: 'output_tokens_details',
};

/** `usage` of chat and legacy completions, of OpenAI and of those who speak its language. */
export const chatTokens = (usage: unknown): TokenCounts | null => tokens(usage, CHAT);

/** `usage` of the Responses API. */
export const responsesTokens = (usage: unknown): TokenCounts | null => tokens(usage, RESPONSES);

/** `usage` of embeddings, which have no output. */
export function embeddingTokens(usage: unknown): TokenCounts | null {
  const input = countOf(field(usage, 'prompt_tokens'));
  if (input === null) return null;
  return { input, cached_input: 0, cache_write: 0, output: 0, reasoning: 0, total: input };
}

/**
 * `null` where the input or the output is absent or senseless, so that both are estimated instead of believed. A part
 * that is larger than its whole is not believed either: its tokens stay in the class around it, which is dearer.
 */
function tokens(usage: unknown, names: Names): TokenCounts | null {
  const prompt = countOf(field(usage, names.input));
  const answer = countOf(field(usage, names.output));
  if (prompt === null || answer === null) return null;
  const inputs = field(usage, names.inputDetails);
  const outputs = field(usage, names.outputDetails);
  const cached = partOf(prompt, cachedOf(usage, inputs));
  const written = partOf(prompt - cached, field(inputs, 'cache_write_tokens'));
  const heard = partOf(prompt - cached - written, field(inputs, 'audio_tokens'));
  const reported = countOf(field(outputs, 'reasoning_tokens') ?? field(usage, 'reasoning_tokens')) ?? 0;
  const beside = outputBeside(usage, prompt, answer, reported);
  const output = answer + beside;
  const reasoning = partOf(output, reported);
  const spoken = partOf(output - reasoning, field(outputs, 'audio_tokens'));
  return {
    input: prompt - cached - written,
    cached_input: cached,
    cache_write: written,
    output,
    reasoning,
    total: prompt + output,
    ...(heard > 0 && { input_audio: heard }),
    ...(spoken > 0 && { output_audio: spoken }),
  };
}

/** OpenAI's name first, then DeepSeek's and Moonshot's. */
const cachedOf = (usage: unknown, details: unknown) =>
  field(details, 'cached_tokens') ?? field(usage, 'prompt_cache_hit_tokens') ?? field(usage, 'cached_tokens');

/**
 * Output that is billed but not within the figure for output. OpenAI's figure includes reasoning. xAI's and Gemini's
 * does not, and their total shows it; Perplexity counts reasoning and citations by themselves, outside the total.
 */
function outputBeside(usage: unknown, prompt: number, answer: number, reasoning: number): number {
  const total = countOf(field(usage, 'total_tokens')) ?? 0;
  if (total > prompt + answer) return total - prompt - answer;
  const citations = countOf(field(usage, 'citation_tokens'));
  if (citations !== null) return citations + reasoning;
  return reasoning > answer ? reasoning : 0;
}
