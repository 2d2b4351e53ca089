import type { TokenCounts } from '@tollgate/contracts/events';

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const countOr0 = (value: unknown) => (isCount(value) ? value : 0);
const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;

/** A number of tokens that no model reaches in one answer; more is a provider's mistake. */
const MAX_PLAUSIBLE_TOKENS = 1_000_000_000;

/**
 * OpenAI's `usage` of a chat completion in disjoint classes; `null` where it is absent or makes no sense
 * (negative, fractional, absurd), so that it is estimated instead of believed. Zero is a figure like any other.
 */
export function readOpenAiUsage(usage: unknown): TokenCounts | null {
  const prompt = field(usage, 'prompt_tokens');
  const output = field(usage, 'completion_tokens');
  if (!isCount(prompt) || !isCount(output)) return null;
  if (prompt > MAX_PLAUSIBLE_TOKENS || output > MAX_PLAUSIBLE_TOKENS) return null;
  const cached = Math.min(prompt, countOr0(field(field(usage, 'prompt_tokens_details'), 'cached_tokens')));
  const reasoning = Math.min(
    output,
    countOr0(field(field(usage, 'completion_tokens_details'), 'reasoning_tokens')),
  );
  return {
    input: prompt - cached,
    cached_input: cached,
    cache_write: 0,
    output,
    reasoning,
    total: prompt + output,
  };
}

/** The usage in the body of an answer, or `null`. */
export function usageOfBody(body: Buffer): TokenCounts | null {
  try {
    return readOpenAiUsage(field(JSON.parse(body.toString()), 'usage'));
  } catch {
    return null;
  }
}
