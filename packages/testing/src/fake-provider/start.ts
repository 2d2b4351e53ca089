import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Instruction, instruction } from './behaviour.ts';
import { Exchange } from './exchange.ts';
import { ModelCalls } from './model-calls.ts';
import { DEFAULT_WAIT_MS } from './operate.ts';
import { Programme } from './programme.ts';
import { type LogFilter, type LoggedRequest, RequestLog } from './request-log.ts';
import { route } from './routes.ts';

export type { Instruction, LogFilter, LoggedRequest };

export const DEFAULT_FAKE_API_KEY = 'fake-provider-key';
export const DEFAULT_LOG_CAPACITY = 100_000;
/** Longer than clients keep idle connections, so that it is never this side that closes one under a request. */
const KEEP_ALIVE_MS = 120_000;

export interface FakeProviderOptions {
  /** A free one by default. */
  readonly port?: number;
  readonly host?: string;
  /** What a caller must present, as `Authorization: Bearer …` or, to Anthropic's endpoints, as `x-api-key`. */
  readonly apiKey?: string;
  /** Ended requests that the log keeps; an entry takes about 1 kB. */
  readonly logCapacity?: number;
}

export interface FakeProvider {
  /** Without a path, as Anthropic's client wants it; the base URL of an OpenAI client is `${url}/v1`. */
  readonly url: string;
  /**
   * What was served, oldest first; waits until `wait` requests match.
   * @throws DOMException TimeoutError after `timeout_ms` (10 s)
   */
  log(query?: LogFilter & { wait?: number; timeout_ms?: number }): Promise<LoggedRequest[]>;
  /** As `PUT /_control`: with `times` for the next requests, without for all; `{}` is back to normal. */
  control(given: Instruction): void;
  clearLog(): void;
  /** Takes no more requests, lets those in flight end for `grace_ms` (1 s), then closes their connections. */
  stop(grace_ms?: number): Promise<void>;
}

/** Starts an LLM provider with OpenAI's endpoints and Anthropic's messages whose answers, faults and log a test controls. */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const { port = 0, host = '127.0.0.1', apiKey = DEFAULT_FAKE_API_KEY } = options;
  const stopping = new AbortController();
  const programme = new Programme();
  const log = new RequestLog(options.logCapacity ?? DEFAULT_LOG_CAPACITY);
  const calls = new ModelCalls(apiKey, programme, log);
  const parts = { apiKey, calls, programme, log, stopped: stopping.signal };

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    response.once('close', () => {
      // A kept-alive connection turns idle only after its answer; a stopping server has no use for it.
      if (stopping.signal.aborted) setImmediate(() => server.closeIdleConnections());
    });
    void route(new Exchange(request, response), parts);
  });
  server.listen(port, host);
  await once(server, 'listening');

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`,
    async log({ wait = 0, timeout_ms = DEFAULT_WAIT_MS, ...filter } = {}) {
      await log.wait(wait, filter, AbortSignal.timeout(timeout_ms));
      return [...log.entries(filter)];
    },
    control: (given) => programme.put(instruction.parse(given)),
    clearLog: () => log.clear(),
    async stop(grace_ms = 1000) {
      if (stopping.signal.aborted) return;
      stopping.abort();
      const closed = once(server, 'close');
      server.close();
      const deadline = setTimeout(() => server.closeAllConnections(), grace_ms);
      await closed;
      clearTimeout(deadline);
    },
  };
}
