import type { TokenCounts } from '@tollgate/contracts/events';

/** How one kind of answer says what it used. */
export interface UsageDialect {
  /** The usage in a whole answer, or in an error; `null` where it is absent or senseless. */
  ofBody(body: Buffer): TokenCounts | null;
  /** @param passUsageOn the client asked for the event that only carries usage */
  stream(passUsageOn: boolean): StreamUsage;
}

/** Reads usage off a stream of server-sent events as it passes. */
export interface StreamUsage {
  /** Takes bytes from the provider and returns those for the client: whole events, as they came. */
  push(chunk: Buffer): Buffer;
  /** What is left when the provider ends without ending its last event. */
  end(): Buffer;
  /** The provider's final figures; where it says them twice, the last. */
  readonly usage: TokenCounts | null;
  /** Figures so far, of a provider that tells some of them at the start. */
  readonly soFar: TokenCounts | null;
  /** Events that carried output, at least a token each. */
  readonly outputEvents: number;
  /** The stream has said that it is complete. */
  readonly finished: boolean;
  /** The stream has said that it failed. */
  readonly failed: boolean;
  /** The bytes that end the stream as a model does whose cap is reached. */
  endAtLimit(outputTokens: number): Buffer;
}

/** Understands the events of one format; the framing is done. */
export interface EventReader extends Omit<StreamUsage, 'push' | 'end'> {
  /** Reads one event, blank line included; `true` where it carries usage alone. */
  read(event: Buffer): boolean;
}
