import { randomBytes } from 'node:crypto';
import type { IdPrefix } from '@tollgate/contracts/ids';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Writes bytes as base62, left-padded to `length` digits; the digits sort as the bytes do. */
export function base62(bytes: Buffer, length: number): string {
  let value = BigInt(`0x${bytes.toString('hex')}`);
  let text = '';
  while (text.length < length) {
    text = ALPHABET[Number(value % 62n)] + text;
    value /= 62n;
  }
  return text;
}

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random. */
function uuidV7(nowMs: number): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return bytes;
}

/** When an id was made, in ms since the epoch; `NaN` for one that is no UUIDv7, such as `team_default`. */
export function instantOf(id: string): number {
  const digits = id.slice(id.indexOf('_') + 1);
  if (digits.length !== ID_LENGTH) return Number.NaN;
  let value = 0n;
  for (const digit of digits) value = value * 62n + BigInt(ALPHABET.indexOf(digit));
  return Number(value >> 80n);
}

const ID_LENGTH = 22;

/** A new, time-ordered id such as `key_0CqM4eKBzTWmVxPo3nYd8a`. */
export const newId = (prefix: IdPrefix): string => `${prefix}_${base62(uuidV7(Date.now()), ID_LENGTH)}`;
