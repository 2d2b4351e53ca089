import { createHash } from 'node:crypto';
import { ApiError } from './api-error.ts';
import { readChatRequest } from './chat-request.ts';
import { ConnectionGone, type Exchange } from './exchange.ts';
import type { Programme } from './programme.ts';
import type { LoggedRequest, Outcome, RequestLog } from './request-log.ts';
import { serveChat } from './serve-chat.ts';

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** @throws ApiError 401 where the caller is not the one whose credential the provider knows */
export function checkCredential(exchange: Exchange, apiKey: string): void {
  if (exchange.header('authorization') === `Bearer ${apiKey}`) return;
  throw new ApiError(401, 'Incorrect API key provided.', 'invalid_api_key');
}

/** `POST /v1/chat/completions`, from the first byte of the request to its line in the log. */
export class Chat {
  #answered = 0;

  constructor(
    private readonly apiKey: string,
    private readonly programme: Programme,
    private readonly log: RequestLog,
  ) {}

  /** @param isStopping whether it is the provider itself that closes connections now */
  async handle(exchange: Exchange, isStopping: () => boolean): Promise<void> {
    const startedAt = new Date().toISOString();
    let entry = entryOf(exchange, startedAt);
    let outcome: Outcome = 'error';
    try {
      const body = await exchange.body();
      entry = { ...entry, body_sha256: sha256(body) };
      checkCredential(exchange, this.apiKey);
      const request = readChatRequest(body);
      entry = { ...entry, model: request.model, streamed: request.stream === true };
      const behaviour = this.programme.next(request.messages);
      this.log.begin(entry);
      this.#answered += 1;
      const id = `chatcmpl-fake${this.#answered.toString().padStart(8, '0')}`;
      exchange.response.setHeader('x-request-id', `req_fake${this.#answered}`);
      outcome = await serveChat(exchange, id, request, behaviour, entry);
    } catch (error) {
      if (error instanceof ConnectionGone) outcome = isStopping() ? 'reset' : 'aborted_by_client';
      else if (!(error instanceof ApiError)) throw error;
      else outcome = await refuse(exchange, error, entry);
    } finally {
      entry.outcome = outcome;
      entry.ended_at = new Date().toISOString();
      this.log.end(entry);
    }
  }
}

async function refuse(exchange: Exchange, error: ApiError, entry: LoggedRequest): Promise<Outcome> {
  entry.status = error.status;
  // What is left of a body that was not read would be taken for the next request.
  const headers: Record<string, string> = exchange.request.complete ? {} : { connection: 'close' };
  try {
    await exchange.json(error.status, error.toBody(), headers);
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
    model: null,
    streamed: false,
    authorization_sha256: authorization === null ? null : sha256(authorization),
    body_sha256: null,
    prompt_tokens: 0,
    completion_tokens: 0,
    reported_usage: null,
    status: null,
    outcome: 'in_flight',
    started_at: startedAt,
    ended_at: null,
  };
}
