import { ApiError } from './api-error.ts';
import { type Chat, checkCredential } from './chat.ts';
import { ConnectionGone, type Exchange } from './exchange.ts';
import { getLog, putControl } from './operate.ts';
import type { Programme } from './programme.ts';
import type { RequestLog } from './request-log.ts';

/** Listed, not enforced: a chat request may name any model. */
const MODELS = ['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-4.1-nano', 'gpt-5', 'gpt-5-mini'];
const modelList = {
  object: 'list',
  data: MODELS.map((id) => ({ id, object: 'model', created: 1_715_367_049, owned_by: 'fake-provider' })),
};

export interface Parts {
  readonly apiKey: string;
  readonly chat: Chat;
  readonly programme: Programme;
  readonly log: RequestLog;
  /** Aborted when the provider stops. */
  readonly stopped: AbortSignal;
}

/** Answers every request; never rejects. A fault of the provider itself is a 500 that says what it was. */
export async function route(exchange: Exchange, parts: Parts): Promise<void> {
  const url = new URL(exchange.request.url ?? '/', 'http://fake-provider');
  try {
    await answer(exchange, `${exchange.request.method} ${url.pathname}`, url.searchParams, parts);
  } catch (error) {
    if (error instanceof ConnectionGone) return;
    if (exchange.response.headersSent) {
      exchange.response.destroy();
      return;
    }
    const failure =
      error instanceof ApiError ? error : new ApiError(500, `Fault of the fake provider: ${error}`);
    await exchange.json(failure.status, failure.toBody()).catch(() => {});
  }
}

async function answer(exchange: Exchange, call: string, query: URLSearchParams, parts: Parts): Promise<void> {
  const { apiKey, chat, programme, log, stopped } = parts;
  switch (call) {
    case 'POST /v1/chat/completions':
      return chat.handle(exchange, () => stopped.aborted);
    case 'GET /v1/models':
      checkCredential(exchange, apiKey);
      return exchange.json(200, modelList);
    case 'GET /healthz':
      return exchange.json(200, { status: 'ok' });
    case 'GET /readyz':
      return exchange.json(200, { ready: true, missing: [] });
    case 'GET /_control':
      return exchange.json(200, programme);
    case 'PUT /_control':
      return putControl(exchange, programme);
    case 'GET /_log':
      return getLog(exchange, query, log, stopped);
    case 'DELETE /_log':
      log.clear();
      return exchange.json(200, { deleted: true });
    default:
      throw new ApiError(404, `Unknown request URL: ${call}.`, 'unknown_url');
  }
}
