import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MeterAnswer } from '@tollgate/contracts/metering-http';
import { INTERNAL_TOKEN } from './running-key-admin.ts';

/** Answers `/v1/meters` over HTTP as the contract says, from a table. */
export class MeteringStandIn {
  readonly meters = new Map<string, MeterAnswer>();
  /** When set, requests get no answer at all. */
  silent = false;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      if (this.silent) return;
      const { pathname, searchParams } = new URL(request.url!, 'http://metering');
      const known = (id: string) => this.meters.get(id);
      const [status, body] =
        request.headers.authorization !== `Bearer ${INTERNAL_TOKEN}`
          ? [401, {}]
          : pathname === '/v1/meters'
            ? [
                200,
                {
                  data: searchParams
                    .get('ids')!
                    .split(',')
                    .flatMap((id) => known(id) ?? []),
                },
              ]
            : [known(pathname.slice(11)) ? 200 : 404, known(pathname.slice(11)) ?? {}];
      response.writeHead(status as number, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  }

  static async start(): Promise<MeteringStandIn> {
    const standIn = new MeteringStandIn();
    standIn.server.listen(0, '127.0.0.1');
    await once(standIn.server, 'listening');
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
