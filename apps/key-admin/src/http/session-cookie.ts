import { SESSION_SECONDS } from '@tollgate/contracts/session-http';
import type { FastifyRequest } from 'fastify';

const NAME = 'tollgate_session';
const COOKIE = new RegExp(`(?:^|;\\s*)${NAME}=([A-Za-z0-9_-]{43})(?:;|$)`);

/** The secret of the session that a request carries. */
export const sessionOf = ({ headers }: FastifyRequest): string | null =>
  COOKIE.exec(headers.cookie ?? '')?.[1] ?? null;

/** The same where it is what opens the door: an admin key that comes with it goes before it. */
export const sessionUsed = (request: FastifyRequest): string | null =>
  request.headers.authorization === undefined ? sessionOf(request) : null;

/** `Secure` where the browser came by TLS, as a proxy in front says; a header that lies can only keep it out. */
export const sessionCookie = ({ headers }: FastifyRequest, secret: string): string =>
  `${NAME}=${secret}; Path=/v1; HttpOnly; SameSite=Strict; Max-Age=${secret === '' ? 0 : SESSION_SECONDS}` +
  (headers['x-forwarded-proto'] === 'https' ? '; Secure' : '');

/**
 * Whether a request that changes something comes from this site's own page: browsers say so by themselves, and a page
 * of another site cannot say it for them. `SameSite=Strict` keeps the cookie from those; this holds where it does not.
 */
export function isFromOwnPage({ method, headers }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin = '', host } = headers;
  return URL.canParse(origin) && new URL(origin).host === host;
}
