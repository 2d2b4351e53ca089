import { randomFillSync } from 'node:crypto';
import type { IdPrefix } from '@tollgate/contracts/ids';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Five digits at a time: 62⁵ times a limb of 16 bits is far below 2⁵³. */
const DIGITS_AT_ONCE = 5;
const CHUNK = 62 ** DIGITS_AT_ONCE;

/**
 * Writes an even number of bytes as base62, left-padded to `length` digits; the digits sort as the bytes do. Division by
 * hand, since every request makes ids and reads a token: big integers take ten times as long.
 */
export function base62(bytes: Buffer, length: number): string {
  const limbs: number[] = [];
  for (let at = 0; at < bytes.length; at += 2) limbs.push((bytes[at]! << 8) | bytes[at + 1]!);
  let text = '';
  while (text.length < length) {
    let rest = 0;
    for (let i = 0; i < limbs.length; i += 1) {
      const value = rest * 65_536 + limbs[i]!;
      limbs[i] = Math.floor(value / CHUNK);
      rest = value - limbs[i]! * CHUNK;
    }
    const digits = Math.min(DIGITS_AT_ONCE, length - text.length);
    for (let i = 0; i < digits; i += 1) {
      text = ALPHABET[rest % 62]! + text;
      rest = Math.floor(rest / 62);
    }
  }
  return text;
}

/** Random bytes are drawn a page at a time: a draw costs the same for ten bytes as for thousands. */
const pool = Buffer.alloc(4_096);
let used = pool.length;
const id = Buffer.alloc(16);

/** A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random. Valid until the next is made. */
function uuidV7(nowMs: number): Buffer {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  id.writeUIntBE(nowMs, 0, 6);
  pool.copy(id, 6, used, used + 10);
  used += 10;
  id[6] = 0x70 | (id[6]! & 0x0f);
  id[8] = 0x80 | (id[8]! & 0x3f);
  return id;
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
