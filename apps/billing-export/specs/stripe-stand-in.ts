import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Taken {
  readonly event_name: string;
  readonly identifier: string;
  readonly timestamp: number;
  readonly customer: string;
  readonly value: string;
}

/** What the stand-in does with a call: takes the event or not, and what it lets the caller know. */
export type Behaviour =
  | { readonly takes: boolean; readonly answers: number; readonly message?: string }
  | { readonly takes: boolean; readonly answers: 'nothing' | 'breaks'; readonly message?: never };

export const TAKES: Behaviour = { takes: true, answers: 200 };

/** `POST /v1/billing/meter_events` as Stripe serves it: one event for an identifier, refused when it comes again. */
export class StripeStandIn {
  readonly taken = new Map<string, Taken>();
  readonly calls: { readonly authorization: string; readonly identifier: string }[] = [];
  /** How the next calls go; {@link TAKES} after the last. */
  readonly next: Behaviour[] = [];
  always: Behaviour | null = null;

  private constructor(
    private readonly server: Server,
    readonly base: string,
  ) {
    server.on('request', (request, response) => void this.serve(request, response));
  }

  static async start(): Promise<StripeStandIn> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StripeStandIn(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request) body += part;
    const fields = new URLSearchParams(body);
    const identifier = fields.get('identifier') ?? '';
    this.calls.push({ authorization: request.headers.authorization ?? '', identifier });
    const behaviour = this.next.shift() ?? this.always ?? TAKES;
    const known = this.taken.has(identifier);
    const event: Taken = {
      event_name: fields.get('event_name') ?? '',
      identifier,
      timestamp: Number(fields.get('timestamp')),
      customer: fields.get('payload[stripe_customer_id]') ?? '',
      value: fields.get('payload[value]') ?? '',
    };
    if (behaviour.takes && !known) this.taken.set(identifier, event);
    if (behaviour.answers === 'nothing') return;
    if (behaviour.answers === 'breaks') return void response.destroy();
    const duplicate = behaviour.takes && known;
    const status = duplicate ? 400 : behaviour.answers;
    const message = duplicate ? `An event already exists with identifier ${identifier}.` : behaviour.message;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        status === 200
          ? { object: 'billing.meter_event', identifier, livemode: false }
          : {
              error: { type: status < 500 ? 'invalid_request_error' : 'api_error', message: message ?? 'no' },
            },
      ),
    );
  }
}
