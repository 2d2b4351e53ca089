import { Controller, Get, NotFoundException, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accepted, type ConsoleFile, ConsoleFiles } from '../console/console-files.ts';

/**
 * What the page may load: its own files. Styles are set by its components while it runs. No form is ever sent by the
 * browser itself: an admin key must not end up in an address where a script failed to load.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  vary: 'accept-encoding',
};
/** Their names have a hash of what they hold. */
const HASHED = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';
/** Of other services and of the API: there is no page of the console. */
const NOT_OURS = /^\/(v1|docs|assets)(\/|$)/;

const NOT_BUILT =
  'The console is not built: run `npm run build` and start key-admin again. The API is at /docs.\n';

/** The console: its files, and its page at every address that a browser opens and nothing else has. */
@Controller()
export class ConsoleController {
  constructor(private readonly files: ConsoleFiles) {}

  @Get(['', '*'])
  async get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const path = request.url.split('?')[0]!;
    const isPage = (request.headers.accept ?? '').includes('text/html') && !NOT_OURS.test(path);
    const file = this.files.get(path) ?? (isPage ? this.files.page : undefined);
    if (file) return send(file, request, reply, path.startsWith(HASHED) ? FOREVER : 'no-cache');
    if (isPage && path === '/') {
      return void reply.status(404).type('text/plain; charset=utf-8').headers(HEADERS).send(NOT_BUILT);
    }
    throw new NotFoundException();
  }
}

function send(file: ConsoleFile, { headers }: FastifyRequest, reply: FastifyReply, caching: string): void {
  const [encoding, bytes] = accepted(file, String(headers['accept-encoding'] ?? ''));
  const etag = `W/"${file.etag}"`;
  void reply.headers({ ...HEADERS, 'cache-control': caching, etag }).type(file.type);
  if (headers['if-none-match'] === etag) return void reply.status(304).send();
  if (encoding !== null) void reply.header('content-encoding', encoding);
  void reply.send(bytes);
}
