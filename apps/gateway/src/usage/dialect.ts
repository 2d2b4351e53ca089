import type { TokenCounts } from '@tollgate/contracts/events';

/** How one wire format tells its usage. */
export interface UsageDialect {
  /**
   * Usage in a complete JSON answer, errors included, in disjoint classes; `null` where it is absent or senseless
   * (negative, fractional, NaN, more than 10⁹ tokens): then it is estimated instead of believed. Zero is a figure
   * like any other.
   */
  ofBody(body: Buffer): TokenCounts | null;
  /** About how many bytes of output text a complete JSON answer holds, for where it does not tell its usage. */
  outputBytesOf(body: Buffer): number;
  /**
   * @param passUsageOn the client asked for the extra usage chunk (chat and legacy completions; ignored elsewhere)
   * @param choices completions asked for in one request (`n`), each of which is ended at a limit
   */
  stream(passUsageOn: boolean, choices?: number): StreamUsage;
}

/** Reads usage off a stream of server-sent events as it passes. */
export interface StreamUsage {
  /** Takes bytes from the provider and returns those for the client: whole events, byte for byte. */
  push(chunk: Buffer): Buffer;
  /** What is left when the provider ends without ending its last event. */
  end(): Buffer;
  /** The last sensible figures so far: they are cumulative, never summed. */
  readonly usage: TokenCounts | null;
  /** The stream said that it is complete; a 200 that ends without it is truncated. */
  readonly finished: boolean;
  /** An error came within the stream. */
  readonly failed: boolean;
  /** Events that carried output, each at least one token: a lower bound. */
  readonly outputEvents: number;
  /** Bytes of output text so far, from which tokens are estimated where the provider does not count them. */
  readonly outputBytes: number;
  /**
   * The bytes that end this stream as its format prescribes when output reaches a limit of the router's own.
   * To be written where {@link push} has returned, in place of all that would follow.
   */
  endAtLimit(tokens: TokenCounts): Buffer;
}
