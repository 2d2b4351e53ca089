import { crc32 } from 'node:zlib';

/**
 * What the log says of an attempt: `A` it was admitted, `N` how far it has come, `S` its usage record, `P` where the
 * broker has that, `D` nobody needs to remember it.
 */
export type FrameKind = 'A' | 'N' | 'S' | 'P' | 'D';

export interface Frame {
  readonly kind: FrameKind;
  /** The attempt's id. */
  readonly id: string;
  readonly text: string;
}

const HEADER_BYTES = 8;
/** No frame is larger; a length that claims more is damage. */
const MAX_FRAME_BYTES = 16 * 1_048_576;
const KINDS = new Set<string>(['A', 'N', 'S', 'P', 'D']);

/** Length, CRC-32 of the rest, then kind, id, line feed and text. */
export function encodeFrame({ kind, id, text }: Frame): Buffer {
  const payload = `${kind}${id}\n${text}`;
  const length = Buffer.byteLength(payload);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.write(payload, HEADER_BYTES);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(HEADER_BYTES)), 4);
  return frame;
}

/**
 * The frames of a file up to the first that is cut short or damaged, since nothing tells where the next one begins.
 * @returns the frames, and how many bytes of the file they are
 */
export function decodeFrames(file: Buffer): { readonly frames: Frame[]; readonly bytes: number } {
  const frames: Frame[] = [];
  let at = 0;
  for (;;) {
    const frame = frameAt(file, at);
    if (!frame) return { frames, bytes: at };
    frames.push(frame.frame);
    at = frame.end;
  }
}

function frameAt(file: Buffer, at: number): { frame: Frame; end: number } | null {
  if (at + HEADER_BYTES > file.length) return null;
  const length = file.readUInt32LE(at);
  const end = at + HEADER_BYTES + length;
  if (length === 0 || length > MAX_FRAME_BYTES || end > file.length) return null;
  const payload = file.subarray(at + HEADER_BYTES, end);
  if (crc32(payload) !== file.readUInt32LE(at + 4)) return null;
  const text = payload.toString();
  const line = text.indexOf('\n');
  if (line === -1 || !KINDS.has(text[0]!)) return null;
  return { frame: { kind: text[0] as FrameKind, id: text.slice(1, line), text: text.slice(line + 1) }, end };
}
