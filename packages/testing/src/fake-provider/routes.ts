import { ApiError } from './api-error.ts';
import { ConnectionGone, type Exchange } from './exchange.ts';
import type { Format } from './format.ts';
import { chatCompletions } from './formats/chat-completions.ts';
import { completions } from './formats/completions.ts';
import { embeddings } from './formats/embeddings.ts';
import { messages } from './formats/messages.ts';
import { responses } from './formats/responses.ts';
import type { ModelCalls } from './model-calls.ts';
import { listModels } from './models.ts';
import { getLog, putControl } from './operate.ts';
import type { Programme } from './programme.ts';
import type { RequestLog } from './request-log.ts';

const FORMATS: Record<string, Format> = {
  'POST /v1/chat/completions': chatCompletions,
  'POST /v1/completions': completions,
  'POST /v1/embeddings': embeddings,
  'POST /v1/responses': responses,
  'POST /v1/messages': messages,
};

export interface Parts {
  readonly apiKey: string;
  readonly calls: ModelCalls;
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
  const { apiKey, calls, programme, log, stopped } = parts;
  const format = FORMATS[call];
  if (format) return calls.handle(exchange, format, () => stopped.aborted);
  switch (call) {
    case 'GET /v1/models':
      return listModels(exchange, apiKey);
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
