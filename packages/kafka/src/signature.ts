import { createHmac, timingSafeEqual } from 'node:crypto';
import type { VersionedKey } from '@tollgate/service-kit/config';

export const SIGNATURE_HEADER = 'tollgate_signature';

export interface Signable {
  /** The topic's name on the broker, so that a record cannot be replayed on another topic. */
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** HMAC-SHA256 over topic, key, `ce_*` headers by name, and value, each preceded by its length. */
function digest({ topic, key, headers, value }: Signable, secret: Buffer): Buffer {
  const hmac = createHmac('sha256', secret);
  const add = (part: string | Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hmac.update(length).update(part);
  };
  add(topic);
  add(key);
  for (const name of Object.keys(headers).sort()) {
    if (!name.startsWith('ce_')) continue;
    add(name);
    add(headers[name]!);
  }
  add(value);
  return hmac.digest();
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
