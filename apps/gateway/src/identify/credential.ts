import type { IncomingMessage } from 'node:http';
import { parseToken, type Token } from '@tollgate/service-kit/tokens';

const BEARER = /^Bearer +(\S+)$/i;
const AUTHORIZATION = 'authorization';

/** What of a request can carry a credential. */
export type Credentials = Pick<IncomingMessage, 'headers' | 'rawHeaders'>;

/**
 * The token a request carries, as `Authorization: Bearer` or, where the protocol has it, as `x-api-key`; `null`
 * where it carries none, an unreadable one, or several that two readers could choose between differently.
 */
export function readCredential({ headers, rawHeaders }: Credentials, apiKeyHeader: boolean): Token | null {
  const { authorization } = headers;
  const apiKey = apiKeyHeader ? headers['x-api-key'] : undefined;
  if (authorization !== undefined && isRepeated(rawHeaders)) return null;
  const bearer = authorization === undefined ? undefined : (BEARER.exec(authorization)?.[1] ?? null);
  if (bearer !== undefined && apiKey !== undefined && bearer !== apiKey) return null;
  const text = bearer ?? apiKey;
  return typeof text === 'string' ? parseToken(text) : null;
}

/** Node's parsed headers keep the first `Authorization` and drop the others without a word. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let seen = false;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!;
    if (name.length !== AUTHORIZATION.length || name.toLowerCase() !== AUTHORIZATION) continue;
    if (seen) return true;
    seen = true;
  }
  return false;
}
