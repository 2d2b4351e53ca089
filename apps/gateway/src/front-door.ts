import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fastifyAdapter } from '@tollgate/service-kit/bootstrap';

/** Answers a request, or says `false` to leave it to Nest's router. */
export type HotRoutes = (req: IncomingMessage, res: ServerResponse) => boolean;

const KEEP_ALIVE_MS = 65_000;
/** How often slow clients are looked for. */
const MAX_CHECK_MS = 5_000;

/**
 * Nest's HTTP server with a door ahead of its router: the proxied routes are answered on node:http itself,
 * everything else goes on to Nest. A framework per request would cost more than the gateway's own work.
 */
export class FrontDoor {
  private routes: HotRoutes = () => false;
  readonly adapter: ReturnType<typeof fastifyAdapter>;

  /** A client has `headersTimeout` ms to send its headers, and `requestTimeout` ms for its whole request. */
  constructor(timeouts: { readonly headersTimeout: number; readonly requestTimeout: number }) {
    this.adapter = fastifyAdapter({
      serverFactory: (handler): Server => {
        const nest = handler as (req: IncomingMessage, res: ServerResponse) => void;
        return createServer(
          {
            ...timeouts,
            connectionsCheckingInterval: Math.min(timeouts.headersTimeout, MAX_CHECK_MS),
            keepAliveTimeout: KEEP_ALIVE_MS,
            requireHostHeader: true,
          },
          (req, res) => {
            if (!this.routes(req, res)) nest(req, res);
          },
        );
      },
    });
  }

  open(routes: HotRoutes): void {
    this.routes = routes;
  }
}
