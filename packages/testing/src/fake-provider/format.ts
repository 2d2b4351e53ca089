import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { Completion } from './completion.ts';
import type { Exchange } from './exchange.ts';
import type { Tokens } from './tokens.ts';
import type { ChatMessage } from './usage.ts';

/** An endpoint's language: how it is asked, how it answers and how it fails. */
export interface Format {
  /** What the ids of its answers begin with. */
  readonly idPrefix: string;
  /** @throws ApiError 401, where the caller is not the one whose credential the provider knows */
  authorize(exchange: Exchange, apiKey: string): void;
  /** @throws ApiError 400 naming the first parameter that is wrong */
  read(body: Buffer): Call;
  errorBody(error: ApiError): object;
  /** How a stream tells of an error after its headers. */
  errorEvent(error: ApiError): string;
}

/** A request that was understood. */
export interface Call {
  readonly model: string;
  readonly streamed: boolean;
  /** Its whole input; a directive is looked for in the last of its user's messages. */
  readonly messages: readonly ChatMessage[];
  readonly promptTokens: number;
  /** Most output tokens of each choice; `undefined` where it sets none. */
  readonly cap: number | undefined;
  /** 0 where the answer is no text, as of embeddings. */
  readonly choices: number;
  /** The answer in one piece. */
  whole(answer: Answer): object;
  /** The answer as a stream, one token an event. */
  stream(answer: Answer): Iterable<StreamEvent>;
}

export interface Answer {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly completions: readonly Completion[];
  readonly tokens: Tokens;
  /** Puts a usage object in: itself, the one programmed in its place, or none (`undefined`: leave the field out). */
  usage(own: object): unknown;
}

export interface StreamEvent {
  readonly text: string;
  /** Carries a token of the answer. */
  readonly token?: boolean;
  /** Comes before all tokens. */
  readonly opening?: boolean;
  /** The usage that it reports. */
  readonly usage?: unknown;
}

/** @param name of the event, where the format names its events */
export const serverSentEvent = (data: object, name?: string) =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;

export const textIn = (completion: Completion) => [...completion.tokens()].join('');

const contentPart = z.looseObject({ type: z.string(), text: z.string().optional() });
/** What a message may consist of, in each format that has messages. */
export const content = z.union([z.string(), z.array(contentPart)]);
export const outputCap = z.int().min(1).nullish();

/** @throws ApiError 400 */
export function readBody<S extends z.ZodType>(schema: S, body: Buffer): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new ApiError(400, 'We could not parse the JSON body of your request.');
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue?.path.join('.') || null;
  throw new ApiError(
    400,
    `Invalid value for '${param ?? 'body'}': ${issue?.message}`,
    'invalid_value',
    param,
  );
}
