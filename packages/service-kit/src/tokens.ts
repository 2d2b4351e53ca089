import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62 } from './ids.ts';

/**
 * A token is `tg_<key id>_<secret><checksum>` (`tga_` for admin keys): 22 characters of id, 43 of secret
 * (32 random bytes in base62) and 6 of CRC32. The checksum lets secret scanners and typing errors be told
 * apart from guesses before anything is looked up; it protects nothing.
 */
const TOKEN = /^(tga?)_([0-9A-Za-z]{22})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/;
/** Longest text worth looking at; anything longer is no token. */
export const MAX_TOKEN_LENGTH = 80;

export type TokenKind = 'tg' | 'tga';
const ID_PREFIX: Record<TokenKind, string> = { tg: 'key_', tga: 'adm_' };

export interface Token {
  readonly kind: TokenKind;
  /** The id that the token names, with its prefix: `key_…` or `adm_…`. */
  readonly id: string;
  readonly secret: string;
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body) >>> 0);
  return base62(bytes, 6);
}

/** A token for an id (`key_…`, `adm_…`), with the secret to digest and then forget. */
export function newToken(kind: TokenKind, id: string): { token: string; secret: string } {
  const secret = base62(randomBytes(32), 43);
  const body = `${kind}_${id.slice(ID_PREFIX[kind].length)}_${secret}`;
  return { token: body + checksum(body), secret };
}

/** Reads a token; `null` unless its form and checksum are right. */
export function parseToken(text: string): Token | null {
  if (text.length > MAX_TOKEN_LENGTH) return null;
  const match = TOKEN.exec(text);
  if (!match) return null;
  const kind = match[1] as TokenKind;
  if (checksum(text.slice(0, -6)) !== match[4]) return null;
  return { kind, id: ID_PREFIX[kind] + match[2], secret: match[3]! };
}

/** What of a token may be shown: `tg_<id>`. */
export const shownPrefix = (kind: TokenKind, id: string) => `${kind}_${id.slice(ID_PREFIX[kind].length)}`;

/** HMAC-SHA256 of a secret under a pepper, in hex. A slow hash would add nothing: secrets carry 256 bits. */
export const digestSecret = (secret: string, pepper: Buffer): string =>
  createHmac('sha256', pepper).update(secret).digest('hex');

/** Compares two digests in constant time. */
export function digestsEqual(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
