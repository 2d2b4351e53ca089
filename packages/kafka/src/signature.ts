import { hash, timingSafeEqual } from 'node:crypto';
import type { VersionedKey } from '@tollgate/service-kit/config';

export const SIGNATURE_HEADER = 'tollgate_signature';

export interface Signable {
  /** The topic's name on the broker, so that a record cannot be replayed on another topic. */
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const LENGTH_BYTES = 4;

/** What is signed is gathered here, after a block for the key: one hash of one piece is what a reader can afford. */
let gathered = Buffer.alloc(4_096);
const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);

/** HMAC-SHA256 (RFC 2104) over topic, key, `ce_*` headers by name, and value, each preceded by its length. */
function digest({ topic, key, headers, value }: Signable, secret: Buffer): Buffer {
  let end = BLOCK_BYTES;
  const add = (part: string | Buffer) => {
    const bytes = typeof part === 'string' ? Buffer.byteLength(part) : part.length;
    const from = end + LENGTH_BYTES;
    if (from + bytes > gathered.length) {
      gathered = Buffer.concat([gathered.subarray(0, end)], 2 * (from + bytes));
    }
    gathered.writeUInt32BE(bytes, end);
    if (typeof part === 'string') gathered.write(part, from);
    else gathered.set(part, from);
    end = from + bytes;
  };
  add(topic);
  add(key);
  for (const name of Object.keys(headers).sort()) {
    if (!name.startsWith('ce_')) continue;
    add(name);
    add(headers[name]!);
  }
  add(value);
  const block = secret.length > BLOCK_BYTES ? hash('sha256', secret, 'buffer') : secret;
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    gathered[i] = (block[i] ?? 0) ^ 0x36;
    outer[i] = (block[i] ?? 0) ^ 0x5c;
  }
  outer.set(hash('sha256', gathered.subarray(0, end), 'buffer'), BLOCK_BYTES);
  return hash('sha256', outer, 'buffer');
}

/** `<key version>:<hex>` */
export function sign(record: Signable, keys: readonly VersionedKey[]): string {
  const { version, key } = keys[0]!;
  return `${version}:${digest(record, key).toString('hex')}`;
}

export function verify(record: Signable, signature: string, keys: readonly VersionedKey[]): boolean {
  const [version, hex = ''] = signature.split(':');
  const key = keys.find((candidate) => String(candidate.version) === version)?.key;
  const given = Buffer.from(hex, 'hex');
  return key !== undefined && given.length === 32 && timingSafeEqual(digest(record, key), given);
}
