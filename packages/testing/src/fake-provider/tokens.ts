/** Tokens of an attempt in disjoint classes, as a usage record counts them; `reasoning` is part of `output`. */
export interface Tokens {
  readonly input: number;
  readonly cached_input: number;
  readonly cache_write: number;
  readonly output: number;
  readonly reasoning: number;
  readonly total: number;
}

/** How a prompt and an answer divide into classes; each bounded by what there is. */
export interface Classes {
  readonly cached_tokens?: number | undefined;
  readonly cache_write_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
}

/** @param prompt all tokens of the prompt @param output all tokens of the answer, those of reasoning included */
export function tokensOf(prompt: number, output: number, classes: Classes = {}): Tokens {
  const cached = Math.min(prompt, classes.cached_tokens ?? 0);
  const written = Math.min(prompt - cached, classes.cache_write_tokens ?? 0);
  return {
    input: prompt - cached - written,
    cached_input: cached,
    cache_write: written,
    output,
    reasoning: Math.min(output, classes.reasoning_tokens ?? 0),
    total: prompt + output,
  };
}

/** All tokens of the prompt, as OpenAI counts them. */
export const promptOf = ({ input, cached_input, cache_write }: Tokens) => input + cached_input + cache_write;
