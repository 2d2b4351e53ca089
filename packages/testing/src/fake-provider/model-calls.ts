import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { ConnectionGone, type Exchange } from './exchange.ts';
import type { Format } from './format.ts';
import type { Programme } from './programme.ts';
import type { LoggedRequest, Outcome, RequestLog } from './request-log.ts';
import { serve } from './serve.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** Calls of a model, from the first byte of a request to its line in the log. */
export class ModelCalls {
  #answered = 0;

  constructor(
    private readonly apiKey: string,
    private readonly programme: Programme,
    private readonly log: RequestLog,
  ) {}

  /** @param isStopping whether it is the provider itself that closes connections now */
  async handle(exchange: Exchange, format: Format, isStopping: () => boolean): Promise<void> {
    const startedAt = new Date().toISOString();
    let entry = entryOf(exchange, startedAt);
    let outcome: Outcome = 'error';
    try {
      if (this.programme.leavesUnread()) {
        this.log.begin(entry);
        await exchange.gone();
      }
      const body = await exchange.body();
      entry = { ...entry, body_sha256: sha256(body) };
      format.authorize(exchange, this.apiKey);
      const call = format.read(body);
      entry = { ...entry, model: call.model, streamed: call.streamed };
      const behaviour = this.programme.next(call.messages);
      this.log.begin(entry);
      this.#answered += 1;
      const id = `${format.idPrefix}fake${this.#answered.toString().padStart(8, '0')}`;
      exchange.response.setHeader('x-request-id', `req_fake${this.#answered}`);
      outcome = await serve({ exchange, format, call, behaviour, entry }, id);
    } catch (error) {
      if (error instanceof ConnectionGone) outcome = isStopping() ? 'reset' : 'aborted_by_client';
      else if (!(error instanceof ApiError)) throw error;
      else outcome = await refuse(exchange, format, error, entry);
    } finally {
      entry.outcome = outcome;
      entry.ended_at = new Date().toISOString();
      this.log.end(entry);
    }
  }
}

async function refuse(
  exchange: Exchange,
  format: Format,
  error: ApiError,
  entry: LoggedRequest,
): Promise<Outcome> {
  entry.status = error.status;
  // What is left of a body that was not read would be taken for the next request.
  const headers: Record<string, string> = exchange.request.complete ? {} : { connection: 'close' };
  try {
    await exchange.json(error.status, format.errorBody(error), headers);
    return 'error';
  } catch (gone) {
    if (gone instanceof ConnectionGone) return 'aborted_by_client';
    throw gone;
  }
}

function entryOf(exchange: Exchange, startedAt: string): LoggedRequest {
  const authorization = exchange.header('authorization');
  return {
    request_id: exchange.header('x-request-id'),
    attempt: exchange.header('x-tollgate-attempt'),
    endpoint: exchange.request.url ?? '',
    model: null,
    streamed: false,
    authorization_sha256: authorization === null ? null : sha256(authorization),
    body_sha256: null,
    header_names: Object.keys(exchange.request.headers),
    prompt_tokens: 0,
    completion_tokens: 0,
    reported_usage: null,
    reported_tokens: null,
    status: null,
    outcome: 'in_flight',
    started_at: startedAt,
    ended_at: null,
  };
}
