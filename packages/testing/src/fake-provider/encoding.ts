import { gzipSync } from 'node:zlib';
import type { Behaviour } from './behaviour.ts';

const MIB = 1_048_576;
const BLANK_MIB = 16;
/** Blank lines mean nothing to JSON nor to a stream of events. Members of gzip may follow one another. */
let blankMember: Buffer | undefined;
const blank = () => (blankMember ??= gzipSync(Buffer.alloc(BLANK_MIB * MIB, '\n')));

export interface Encoding {
  readonly headers: Readonly<Record<string, string>>;
  /** Written before the answer. */
  prefix(): Iterable<Buffer>;
  encode(text: string): Buffer;
}

const identity: Encoding = { headers: {}, prefix: () => [], encode: (text) => Buffer.from(text) };

/** How the bytes of an answer travel. Each piece is a gzip member of its own, so that it can be read at once. */
export function encodingOf({ gzip, gzip_bomb_mib = 0 }: Behaviour): Encoding {
  if (!gzip && gzip_bomb_mib === 0) return identity;
  return {
    headers: { 'content-encoding': 'gzip' },
    *prefix() {
      for (let mib = 0; mib < gzip_bomb_mib; mib += BLANK_MIB) yield blank();
    },
    encode: (text) => gzipSync(text),
  };
}
