import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How often a balancer asks who is ready. */
const LOOK_EVERY_MS = 100;
/** A server that is gone refuses at once; one that is silent shares a machine that stalls with this process. */
const PATIENCE_MS = 15_000;
/** Longer than any spec leaves a connection idle: a request that crosses its closing is lost. */
const KEEP_ALIVE_MS = 600_000;

export interface Balancer {
  readonly url: string;
  /** Those that were ready when it last looked. */
  readonly ready: readonly string[];
  /** Names all servers that there are, as `http://127.0.0.1:4000`; those that are ready get requests in turn. */
  serve(urls: readonly string[]): void;
  /** Looks at once, instead of waiting for its next time. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A balancer as they are in front of services: it keeps connections to each server and follows `/readyz`. It repeats
 * a request only where no connection could be made, so that whatever else a server does to one is seen by its client.
 */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  let all: readonly string[] = [];
  let ready: readonly string[] = [];
  let turn = 0;
  let looks = 0;
  let latest = 0;

  const look = async () => {
    const asked = all;
    looks += 1;
    const own = looks;
    const answers = await Promise.all(asked.map(isReady));
    // One that took longer than the next knows less than that.
    if (asked !== all || own < latest) return;
    latest = own;
    ready = asked.filter((_, index) => answers[index]);
  };
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    turn += 1;
    const candidates = ready.map((_, index) => ready[(turn + index) % ready.length]!);
    pass(incoming, outgoing, candidates, agent);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get ready() {
      return ready;
    },
    serve(urls) {
      all = urls;
    },
    look,
    async stop() {
      clearInterval(timer);
      agent.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) })).ok;
  } catch {
    return false;
  }
}

function pass(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  [url, ...others]: readonly string[],
  agent: Agent,
): void {
  if (url === undefined) {
    outgoing.writeHead(503).end('no server is ready');
    return;
  }
  const { method, headers, url: path } = incoming;
  const upstream = request(`${url}${path}`, {
    method,
    headers: { ...headers, connection: 'keep-alive' },
    agent,
  });
  upstream.on('response', (answer) => {
    // Both are of the server's connection, not of the client's.
    const { connection: _, 'keep-alive': __, ...passed } = answer.headers;
    outgoing.writeHead(answer.statusCode!, passed);
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  upstream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNREFUSED' && !upstream.reusedSocket) pass(incoming, outgoing, others, agent);
    else outgoing.destroy();
  });
  outgoing.on('close', () => {
    if (!outgoing.writableFinished) upstream.destroy();
  });
  incoming.pipe(upstream);
}
