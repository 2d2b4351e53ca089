/** A record of a batch, as kafkajs hands it to its encoder. */
export interface RecordToEncode {
  readonly offsetDelta?: number;
  readonly timestampDelta?: number;
  readonly key?: Text | null;
  readonly value?: Text | null;
  readonly headers?: Readonly<Record<string, Text | readonly Text[] | null>> | undefined;
}
type Text = string | Buffer;

const NULL_LENGTH = -1;

/**
 * Encodes a record of Kafka's message format 2 (attributes, timestamp and offset deltas, key, value, headers; lengths as
 * zigzag varints) in one buffer of the right size.
 * @returns the buffer, in the shape of kafkajs's encoders
 */
export function encodeRecord({
  offsetDelta = 0,
  timestampDelta = 0,
  key,
  value,
  headers = {},
}: RecordToEncode): { readonly buf: Buffer; readonly buffer: Buffer } {
  const fields: [name: string, value: Text | null][] = [];
  for (const name in headers) {
    const content = headers[name] ?? null;
    if (isList(content)) for (const each of content) fields.push([name, each]);
    else fields.push([name, content]);
  }
  let size = 1 + sizeOfVarint(timestampDelta) + sizeOfVarint(offsetDelta) + sizeOf(key) + sizeOf(value);
  size += sizeOfVarint(fields.length);
  for (const [name, content] of fields) size += sizeOf(name) + sizeOf(content);

  const buf = Buffer.allocUnsafe(sizeOfVarint(size) + size);
  let at = writeVarint(buf, size, 0);
  buf[at++] = 0;
  at = writeVarint(buf, timestampDelta, at);
  at = writeVarint(buf, offsetDelta, at);
  at = write(buf, key, at);
  at = write(buf, value, at);
  at = writeVarint(buf, fields.length, at);
  for (const [name, content] of fields) at = write(buf, content, write(buf, name, at));
  return { buf, buffer: buf };
}

const isList = (content: Text | readonly Text[] | null): content is readonly Text[] => Array.isArray(content);

const byteLength = (text: Text) => (typeof text === 'string' ? Buffer.byteLength(text) : text.length);

function sizeOf(text: Text | null | undefined): number {
  if (text === null || text === undefined) return sizeOfVarint(NULL_LENGTH);
  const length = byteLength(text);
  return sizeOfVarint(length) + length;
}

function write(buf: Buffer, text: Text | null | undefined, at: number): number {
  if (text === null || text === undefined) return writeVarint(buf, NULL_LENGTH, at);
  if (typeof text !== 'string') {
    const start = writeVarint(buf, text.length, at);
    buf.set(text, start);
    return start + text.length;
  }
  const start = writeVarint(buf, Buffer.byteLength(text), at);
  return start + buf.write(text, start);
}

/** Lengths and deltas are far below 2³⁰ here: no record comes with a timestamp of its own. */
function zigzag(value: number): number {
  if (value >= MOST || value < -MOST) throw new RangeError(`a varint of ${value} is out of range`);
  return (value << 1) ^ (value >> 31);
}
const MOST = 2 ** 30;

function sizeOfVarint(value: number): number {
  let left = zigzag(value) >>> 7;
  let size = 1;
  for (; left !== 0; left >>>= 7) size += 1;
  return size;
}

function writeVarint(buf: Buffer, value: number, start: number): number {
  let left = zigzag(value) >>> 0;
  let at = start;
  for (; left > 0x7f; left >>>= 7) buf[at++] = (left & 0x7f) | 0x80;
  buf[at++] = left;
  return at;
}
