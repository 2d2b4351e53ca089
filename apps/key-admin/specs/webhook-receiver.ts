import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookMessage } from '@tollgate/contracts/webhooks';
import { Webhook } from 'standardwebhooks';

/** A delivery as it arrived. */
export interface Received {
  readonly id: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly message: WebhookMessage;
}

export type Reply = (response: ServerResponse, received: Received) => void;
export const status =
  (code: number, headers: Record<string, string> = {}, text = ''): Reply =>
  (response) =>
    void response.writeHead(code, headers).end(text);
/** Takes a request and never answers it. */
export const silence: Reply = () => undefined;

/** An HTTP server that webhooks go to; each path keeps what it got. */
export class WebhookReceiver {
  readonly received: Received[] = [];
  private readonly replies = new Map<string, Reply[]>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<WebhookReceiver> {
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const path = request.url!;
      const { headers } = request;
      const message = JSON.parse(body) as WebhookMessage;
      const received = { id: `${headers['webhook-id']}`, path, headers, body, message };
      receiver.received.push(received);
      const reply = receiver.replies.get(path)?.shift() ?? status(204);
      reply(response, received);
    });
    const receiver = new WebhookReceiver(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** How the next requests to a path are answered, one after another; after them 204. */
  answer(path: string, ...replies: Reply[]): void {
    this.replies.set(path, replies);
  }

  at(path: string): Received[] {
    return this.received.filter((received) => received.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** Whether the official library takes a delivery for genuine under a secret. */
export function isGenuine({ body, headers }: Received, secret: string): boolean {
  try {
    new Webhook(secret).verify(body, headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
