import { z } from 'zod';

const milliseconds = z.int().min(0).max(600_000);

/**
 * How the provider treats a request. Everything is optional; nothing given is a plain good answer.
 * In the order of time: `delay_ms`, then `reset: before_headers`, then `status`, then the answer itself.
 */
export const behaviour = z.strictObject({
  /** Waits before anything is sent. */
  delay_ms: milliseconds.optional(),
  /** Waits between the headers and the first byte of the body. */
  first_byte_delay_ms: milliseconds.optional(),
  /** Waits before every chunk of a stream but the first. */
  chunk_delay_ms: milliseconds.optional(),
  /** Answers with this status and {@link Behaviour.error} instead of a completion. */
  status: z.int().min(400).max(599).optional(),
  /** Body of that answer, any JSON; an OpenAI-shaped one by default. */
  error: z.unknown().optional(),
  /** `Retry-After` of that answer, in seconds. */
  retry_after: z.int().min(0).max(86_400).optional(),
  /**
   * Resets the connection (TCP RST) before the headers, or half way through the answer: `mid_body` and
   * `mid_stream` are that moment of a whole and of a streamed answer, and either name does for both.
   * With `truncate_after_chunks` a stream is reset after so many content chunks.
   */
  reset: z.enum(['before_headers', 'mid_body', 'mid_stream']).optional(),
  /** Ends a stream in good order after so many content chunks: no finish reason, no usage, no `[DONE]`. */
  truncate_after_chunks: z.int().min(0).optional(),
  /** Reported as `usage` in place of the true one, any JSON; `null` reports none. */
  usage: z.unknown().optional(),
  /** Length of the completion in tokens, still bounded by the request's own cap. */
  completion_tokens: z.int().min(0).max(1_000_000_000).optional(),
});
export type Behaviour = z.infer<typeof behaviour>;

/** A behaviour for the next `times` requests or, without, for all from now on. */
export const instruction = behaviour.extend({ times: z.int().min(1).max(1_000_000).optional() });
export type Instruction = z.infer<typeof instruction>;
