import type { TokenCounts } from '@tollgate/contracts/events';

/** A number of tokens that no model reaches in one answer; more is a provider's mistake. */
const MAX_PLAUSIBLE_TOKENS = 1_000_000_000;

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MAX_PLAUSIBLE_TOKENS;
const countOr0 = (value: unknown) => (isCount(value) ? value : 0);

export const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/**
 * The readers below put a provider's `usage` into disjoint classes. They answer `null` where it is absent or makes
 * no sense (negative, fractional, absurd), so that it is estimated instead of believed. Zero is a figure like any
 * other.
 */
export type ReadFigures = (usage: unknown) => TokenCounts | null;

/** OpenAI's chat and legacy completions: cached tokens are a part of the prompt, reasoning one of the completion. */
export const chatFigures: ReadFigures = (usage) =>
  inclusive(
    usage,
    'prompt_tokens',
    'prompt_tokens_details',
    'completion_tokens',
    'completion_tokens_details',
  );

/** OpenAI's responses: the same under other names. */
export const responseFigures: ReadFigures = (usage) =>
  inclusive(usage, 'input_tokens', 'input_tokens_details', 'output_tokens', 'output_tokens_details');

/** Embeddings have no output. */
export const embeddingFigures: ReadFigures = (usage) => {
  const input = field(usage, 'prompt_tokens');
  return isCount(input) ? disjoint(input, 0, 0, 0, 0) : null;
};

/** Anthropic's messages: what was read from the cache and written to it stands beside the input. */
export const messageFigures: ReadFigures = (usage) => {
  const input = field(usage, 'input_tokens');
  const output = field(usage, 'output_tokens');
  if (!isCount(input) || !isCount(output)) return null;
  const cached = countOr0(field(usage, 'cache_read_input_tokens'));
  const written = countOr0(field(usage, 'cache_creation_input_tokens'));
  return disjoint(input, cached, written, output, 0);
};

function inclusive(
  usage: unknown,
  inputName: string,
  inputDetails: string,
  outputName: string,
  outputDetails: string,
): TokenCounts | null {
  const input = field(usage, inputName);
  const output = field(usage, outputName);
  if (!isCount(input) || !isCount(output)) return null;
  const cached = Math.min(input, countOr0(field(field(usage, inputDetails), 'cached_tokens')));
  const reasoning = Math.min(output, countOr0(field(field(usage, outputDetails), 'reasoning_tokens')));
  return disjoint(input - cached, cached, 0, output, reasoning);
}

const disjoint = (
  input: number,
  cached: number,
  written: number,
  output: number,
  reasoning: number,
): TokenCounts => ({
  input,
  cached_input: cached,
  cache_write: written,
  output,
  reasoning,
  total: input + cached + written + output,
});
