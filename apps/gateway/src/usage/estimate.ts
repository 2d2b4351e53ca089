import type { TokenCounts } from '@tollgate/contracts/events';

/** What a token is taken to be in bytes of text where the provider did not count. */
const BYTES_PER_TOKEN = 4;

export interface Observed {
  readonly requestBytes: number;
  readonly streamed: boolean;
  /** Events of a stream that carried output. */
  readonly outputEvents: number;
  /** Bytes of an answer that was no stream. */
  readonly receivedBytes: number;
}

/** Tokens where the provider did not count them: four bytes of text to a token, one streamed event to a token. */
export function estimateTokens({
  requestBytes,
  streamed,
  outputEvents,
  receivedBytes,
}: Observed): TokenCounts {
  const input = Math.ceil(requestBytes / BYTES_PER_TOKEN);
  const output = streamed ? outputEvents : Math.ceil(receivedBytes / BYTES_PER_TOKEN);
  return { input, cached_input: 0, cache_write: 0, output, reasoning: 0, total: input + output };
}
