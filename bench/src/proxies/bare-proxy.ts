import { hash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

/**
 * The ceiling the gateway is measured against: the least that a proxy on node:http and undici must do to call
 * itself a metering one. It finds the key by the SHA-256 of its token, checks three limits, reads the request
 * and the answer as JSON, and gathers an event per request that goes nowhere. It keeps no promise at all: nothing
 * is durable, no error is answered well, no disconnect is handled, and streams are not metered.
 */
interface Key {
  readonly digest: Buffer;
  readonly limits: { readonly costUsd: number; readonly tokens: number; readonly perMinute: number };
  costUsd: number;
  tokens: number;
  minute: number;
  inMinute: number;
}

const PORT = Number(process.env['PORT']);
const TOKEN = process.env['TOKEN'] ?? '';
const UPSTREAM = process.env['UPSTREAM'] ?? '';
const BATCH_EVERY_MS = 20;
const USD_PER_TOKEN = 0.000_000_6;
const NO_LIMIT = 1e15;

const digestOf = (token: string) => hash('sha256', token, 'buffer');
const digest = digestOf(TOKEN);
const keys = new Map<string, Key>([
  [
    digest.toString('hex'),
    {
      digest,
      limits: { costUsd: NO_LIMIT, tokens: NO_LIMIT, perMinute: NO_LIMIT },
      costUsd: 0,
      tokens: 0,
      minute: 0,
      inMinute: 0,
    },
  ],
]);
const pool = new Pool(UPSTREAM, { connections: 1024, pipelining: 1 });

let events: object[] = [];
setInterval(() => {
  events = [];
}, BATCH_EVERY_MS);

function identify(authorization: string | undefined): Key | undefined {
  const digest = digestOf(authorization?.slice('Bearer '.length) ?? '');
  const key = keys.get(digest.toString('hex'));
  return key && timingSafeEqual(key.digest, digest) ? key : undefined;
}

function admit(key: Key): boolean {
  const minute = Math.floor(Date.now() / 60_000);
  if (minute !== key.minute) {
    key.minute = minute;
    key.inMinute = 0;
  }
  const { costUsd, tokens, perMinute } = key.limits;
  if (key.inMinute >= perMinute || key.costUsd >= costUsd || key.tokens >= tokens) return false;
  key.inMinute += 1;
  return true;
}

class Answer implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private streamed = false;

  constructor(
    private readonly res: ServerResponse,
    private readonly key: Key,
    private readonly model: string,
  ) {}

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    const { 'content-type': type = '', 'content-length': length } = headers;
    this.streamed = type === 'text/event-stream';
    const framing = length === undefined ? {} : { 'content-length': Number(length) };
    this.res.writeHead(status, { 'content-type': type, ...framing });
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.streamed) this.res.write(chunk);
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.streamed) this.res.end();
    else this.settle();
  }

  onResponseError(): void {
    this.res.destroy();
  }

  private settle(): void {
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks);
    const { usage } = JSON.parse(body.toString()) as { usage: { total_tokens: number } };
    this.key.tokens += usage.total_tokens;
    this.key.costUsd += usage.total_tokens * USD_PER_TOKEN;
    events.push({ model: this.model, tokens: usage.total_tokens, at: Date.now() });
    this.res.end(body);
  }
}
type Headers = Record<string, string | string[] | undefined>;

function proxy(res: ServerResponse, key: Key, body: Buffer): void {
  const { model } = JSON.parse(body.toString()) as { model: string };
  if (!admit(key)) {
    res.writeHead(429).end();
    return;
  }
  pool.dispatch(
    {
      path: '/v1/chat/completions',
      method: 'POST',
      headers: { authorization: 'Bearer provider', 'content-type': 'application/json' },
      body,
    },
    new Answer(res, key, model),
  );
}

createServer((req: IncomingMessage, res: ServerResponse) => {
  if (req.method === 'GET') {
    res.writeHead(200).end();
    return;
  }
  const key = identify(req.headers.authorization);
  if (!key) {
    res.writeHead(401).end();
    return;
  }
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => proxy(res, key, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
}).listen(PORT, '127.0.0.1');
