import { TollgateError } from '@tollgate/contracts/errors';

/** A chat completion as far as the router reads it. */
export interface ChatCall {
  readonly model: string;
  readonly streamed: boolean;
  /** The client wants the chunk that carries usage; otherwise it is asked for and kept from the client. */
  readonly wantsUsage: boolean;
  /** What goes to the provider: the client's bytes, unless usage had to be asked for. */
  readonly body: Buffer;
}

const invalid = (message: string, param?: string) =>
  new TollgateError('invalid_body', message, param === undefined ? {} : { param });

/** Reads the body of a chat completion. @throws TollgateError `invalid_body` */
export function readChatCall(body: Buffer): ChatCall {
  const call = parseObject(body);
  const { model, stream, stream_options: options } = call;
  if (typeof model !== 'string' || model === '')
    throw invalid('"model" must be the name of a model.', 'model');
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    throw invalid('"stream" must be true or false.', 'stream');
  }
  if (stream !== true) return { model, streamed: false, wantsUsage: true, body };
  if (options === undefined) return { model, streamed: true, wantsUsage: false, body: askForUsage(body) };
  if (typeof options !== 'object' || Array.isArray(options)) {
    throw invalid('"stream_options" must be an object.', 'stream_options');
  }
  const wantsUsage = (options as { include_usage?: unknown } | null)?.include_usage === true;
  if (wantsUsage) return { model, streamed: true, wantsUsage, body };
  const asking = { ...call, stream_options: { ...options, include_usage: true } };
  return { model, streamed: true, wantsUsage, body: Buffer.from(JSON.stringify(asking)) };
}

function parseObject(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch (error) {
    throw invalid(`The body is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** Adds `stream_options` without touching the client's other bytes. The body is an object and not empty. */
function askForUsage(body: Buffer): Buffer {
  const start = body.indexOf('{') + 1;
  const field = Buffer.from('"stream_options":{"include_usage":true},');
  return Buffer.concat([body.subarray(0, start), field, body.subarray(start)]);
}
