import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, toErrorBody } from '@tollgate/contracts/errors';
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
      clientErrorHandler: answerMalformed,
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

/** What the HTTP parser could not make a request of: answered before anybody knows who asks, and hung up on. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, code, message } = MALFORMED[error.code ?? ''] ?? BAD_REQUEST;
  const body = JSON.stringify(toErrorBody(code, message));
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

interface Malformed {
  readonly status: string;
  readonly code: ErrorCode;
  readonly message: string;
}
const BAD_REQUEST: Malformed = {
  status: '400 Bad Request',
  code: 'malformed_request',
  message: 'This is not a well-formed HTTP request: check its headers and the framing of its body.',
};
const MALFORMED: Readonly<Record<string, Malformed>> = {
  HPE_HEADER_OVERFLOW: {
    status: '431 Request Header Fields Too Large',
    code: 'headers_too_large',
    message: 'The headers of this request are larger than the 16 KiB this router takes.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: '408 Request Timeout',
    code: 'request_timeout',
    message: 'This request did not arrive in time. Send it again, faster.',
  },
};
