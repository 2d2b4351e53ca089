const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/**
 * Knows when an HTTP/1.1 answer is complete, at the least cost: the load generator shares a core with the
 * provider. Understands content-length, and chunked bodies that end a packet with their last chunk.
 */
export class ResponseReader {
  status = 0;
  /** Bytes of the body as they came, chunk framing included. */
  bodyBytes = 0;
  private head: Buffer | null = null;
  private length: number | null = null;
  private parts: Buffer[] = [];
  private tail = '';

  /** @param keepBody whether {@link body} is wanted */
  constructor(private readonly keepBody: boolean) {}

  /** @returns whether the answer is complete */
  push(bytes: Buffer): boolean {
    if (this.status > 0) return this.take(bytes);
    const all = this.head ? Buffer.concat([this.head, bytes]) : bytes;
    const end = all.indexOf(HEAD_END);
    if (end === -1) {
      this.head = all;
      return false;
    }
    const text = all.toString('latin1', 0, end + 2);
    this.status = Number(text.slice(9, 12));
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    this.length = length === undefined ? null : Number(length);
    const rest = all.subarray(end + HEAD_END.length);
    return this.take(rest);
  }

  get body(): Buffer {
    return Buffer.concat(this.parts);
  }

  private take(bytes: Buffer): boolean {
    this.bodyBytes += bytes.length;
    if (this.keepBody) this.parts.push(bytes);
    if (this.length !== null) return this.bodyBytes >= this.length;
    this.tail = (this.tail + bytes.toString('latin1', Math.max(0, bytes.length - LAST_CHUNK.length))).slice(
      -LAST_CHUNK.length,
    );
    return this.tail === LAST_CHUNK;
  }
}
