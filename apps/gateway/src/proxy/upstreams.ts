import { Pool } from 'undici';
import type { Provider } from '../providers/providers.ts';
import type { Relay } from './relay.ts';

/** Headers of a client that its provider may see. Credentials, cookies and addresses stay here. */
const PASSED_ON = ['content-type', 'accept', 'user-agent', 'openai-beta', 'anthropic-beta'] as const;
const ANTHROPIC_VERSION = '2023-06-01';
const CONNECT_TIMEOUT_MS = 5_000;

export interface UpstreamRequest {
  /** Sent as `x-request-id`, so that a provider's log can be held against the ledger. */
  readonly attemptId: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Passed on to providers that are to have it. */
  readonly traceparent: string | undefined;
}

/** Connections to the providers, kept open between requests. */
export class Upstreams {
  private readonly pools = new Map<string, Pool>();

  constructor(
    private readonly connections: number,
    private readonly timeoutMs: number,
  ) {}

  /** Sends a request; its answer goes to the relay. */
  send(provider: Provider, request: UpstreamRequest, relay: Relay): void {
    const headers = credentials(provider, request);
    headers['x-request-id'] = request.attemptId;
    if (provider.traceContext && request.traceparent) headers['traceparent'] = request.traceparent;
    for (const name of PASSED_ON) {
      const value = request.headers[name];
      if (typeof value === 'string') headers[name] = value;
    }
    const path = provider.basePath + request.path;
    this.pool(provider.origin).dispatch({ path, method: 'POST', headers, body: request.body }, relay);
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
  }

  private pool(origin: string): Pool {
    let pool = this.pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, {
        connections: this.connections,
        pipelining: 1,
        connect: { timeout: CONNECT_TIMEOUT_MS },
        headersTimeout: this.timeoutMs,
        bodyTimeout: this.timeoutMs,
      });
      this.pools.set(origin, pool);
    }
    return pool;
  }
}

function credentials(provider: Provider, { headers }: UpstreamRequest): Record<string, string> {
  if (provider.protocol === 'openai') return { authorization: `Bearer ${provider.credential}` };
  const version = headers['anthropic-version'];
  return {
    'x-api-key': provider.credential,
    'anthropic-version': typeof version === 'string' ? version : ANTHROPIC_VERSION,
  };
}
