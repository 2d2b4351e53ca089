import { z } from 'zod';

const milliseconds = z.int().min(0).max(600_000);
const tokens = z.int().min(0).max(1_000_000_000);

/** What may go wrong with an answer. `fail_first` confines all of it to the first attempts. */
const faults = {
  /** Answers with this status and {@link Behaviour.error} instead of a completion. */
  status: z.int().min(400).max(599).optional(),
  /** Body of that answer, any JSON; one in the endpoint's shape by default. */
  error: z.unknown().optional(),
  /** `Retry-After` of that answer, in seconds. */
  retry_after: z.int().min(0).max(86_400).optional(),
  /** Reads the request and never answers. */
  hang: z.boolean().optional(),
  /** Never reads the request's body, nor answers. Known before the body is: of the control API alone. */
  half_open: z.boolean().optional(),
  /**
   * Resets the connection (TCP RST) before the headers, or half way through the answer: `mid_body` and
   * `mid_stream` are that moment of a whole and of a streamed answer, and either name does for both.
   * With `truncate_after_chunks` a stream is reset after so many content chunks.
   */
  reset: z.enum(['before_headers', 'mid_body', 'mid_stream']).optional(),
  /** Ends a stream in good order after so many content chunks: no finish reason, no usage, no `[DONE]`. */
  truncate_after_chunks: z.int().min(0).optional(),
  /** Writes half of the next event before it truncates or resets a stream; half way if nothing says when. */
  cut_mid_event: z.boolean().optional(),
  /** Ends a stream with an error event after so many content chunks. */
  error_after: z.int().min(0).optional(),
};

/**
 * How the provider treats a request. Everything is optional; nothing given is a plain good answer.
 * In the order of time: `delay_ms`, then `hang`, `reset: before_headers`, `status`, then the answer itself.
 */
export const behaviour = z.strictObject({
  ...faults,
  /** So many attempts of one and the same input meet the faults, all later ones none. */
  fail_first: z.int().min(1).max(1_000).optional(),
  /** Waits before anything is sent. */
  delay_ms: milliseconds.optional(),
  /** Waits between the headers and the first byte of the body. */
  first_byte_delay_ms: milliseconds.optional(),
  /** Waits before every chunk of a stream but the first. */
  chunk_delay_ms: milliseconds.optional(),
  /** Length of the completion in tokens, still bounded by the request's own cap. */
  completion_tokens: tokens.optional(),
  /** Does not heed the request's cap. */
  ignore_cap: z.boolean().optional(),
  /** Never ends the answer, streamed or not, and does not heed the request's cap. */
  infinite: z.boolean().optional(),
  /** Of the prompt, read from the cache and written to it. */
  cached_tokens: tokens.optional(),
  cache_write_tokens: tokens.optional(),
  /** Of each completion's tokens, the first ones: generated, charged for and not shown. */
  reasoning_tokens: tokens.optional(),
  /** Reported as `usage` in place of the true one, any JSON; `null` reports none. */
  usage: z.unknown().optional(),
  /** The same as text that need not be JSON: `null`, `{"prompt_tokens":NaN}`, `1e999`. */
  usage_text: z.string().min(1).max(10_000).optional(),
  /** Sends the event that reports usage at the end of a stream twice. */
  usage_twice: z.boolean().optional(),
  /** Answers with `Content-Encoding: gzip`, asked for or not. */
  gzip: z.boolean().optional(),
  /** The same, with so many MiB of blank lines before the answer, in a thousandth of the bytes. */
  gzip_bomb_mib: z.int().min(1).max(4_096).optional(),
});
export type Behaviour = z.infer<typeof behaviour>;

/** A behaviour for the next `times` requests or, without, for all from now on. */
export const instruction = behaviour.extend({ times: z.int().min(1).max(1_000_000).optional() });
export type Instruction = z.infer<typeof instruction>;

/** What is left of a behaviour when it has failed often enough. */
export const withoutFaults = (given: Behaviour): Behaviour =>
  Object.fromEntries(Object.entries(given).filter(([name]) => !(name in faults)));
