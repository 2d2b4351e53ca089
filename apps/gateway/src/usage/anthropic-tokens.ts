import type { TokenCounts } from '@tollgate/contracts/events';
import { countOf, field, partOf } from './sense.ts';

/**
 * Anthropic's figures by name. A stream tells them in several events, each of which may repeat some: all are
 * cumulative, so a later one replaces an earlier one of the same name.
 */
export type AnthropicFigures = Readonly<Record<string, unknown>>;

/** What a later event says goes before what an earlier one said; what it says nothing of stays. */
export function withLater(earlier: AnthropicFigures, later: unknown): AnthropicFigures {
  const merged = { ...earlier };
  for (const [name, value] of Object.entries(later ?? {})) {
    if (value !== null && value !== undefined) merged[name] = value;
  }
  return merged;
}

/**
 * `usage` of Anthropic's messages, where `input_tokens` leaves out what the cache read and wrote; `null` where the input
 * or the output is absent, or any figure is senseless.
 */
export function anthropicTokens(usage: unknown): TokenCounts | null {
  const input = countOf(field(usage, 'input_tokens'));
  const cached = countOf(field(usage, 'cache_read_input_tokens') ?? 0);
  const written = countOf(field(usage, 'cache_creation_input_tokens') ?? 0);
  const output = countOf(field(usage, 'output_tokens'));
  if (input === null || cached === null || written === null || output === null) return null;
  const hour = partOf(written, field(field(usage, 'cache_creation'), 'ephemeral_1h_input_tokens'));
  return {
    input,
    cached_input: cached,
    cache_write: written,
    output,
    reasoning: partOf(output, field(field(usage, 'output_tokens_details'), 'thinking_tokens')),
    total: input + cached + written + output,
    ...(hour > 0 && { cache_write_1h: hour }),
  };
}
