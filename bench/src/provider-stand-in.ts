import { createServer, type Socket } from 'node:net';
import { CHUNK_EVERY_MS, COMPLETION_BODY, STREAM_EVENTS } from './canned.ts';

/**
 * A provider that costs next to nothing: canned bytes on node:net, no HTTP library. It reads just enough of a
 * request to know where it ends and whether it wants a stream. Streams get an event each 10 ms, every one in a
 * packet of its own, so that a proxy handles each by itself as it would a model's tokens.
 */
const ok = (head: string, body: Buffer | string) =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body)]);
const COMPLETION = ok(
  `content-type: application/json\r\ncontent-length: ${COMPLETION_BODY.length}`,
  COMPLETION_BODY,
);
const STREAM_HEAD = ok('content-type: text/event-stream\r\ntransfer-encoding: chunked', '');
const STREAM = STREAM_EVENTS.map((event) =>
  Buffer.from(`${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`),
);
const END = Buffer.from('0\r\n\r\n');
const READY = ok('content-length: 0', '');

const HEAD_END = '\r\n\r\n';
const SLOTS = 5;

/** Streams under way, in slots that take turns: not all of them write at the same instant. */
const slots: Map<Socket, number>[] = Array.from({ length: SLOTS }, () => new Map());
let slot = 0;
setInterval(() => {
  slot = (slot + 1) % SLOTS;
  for (const [socket, sent] of slots[slot]!) {
    const bytes = STREAM[sent];
    socket.write(bytes ?? END);
    if (bytes) slots[slot]!.set(socket, sent + 1);
    else slots[slot]!.delete(socket);
  }
}, CHUNK_EVERY_MS / SLOTS);
let next = 0;

function answer(socket: Socket, streamed: boolean): void {
  if (!streamed) {
    socket.write(COMPLETION);
    return;
  }
  socket.write(STREAM_HEAD);
  next = (next + 1) % SLOTS;
  slots[next]!.set(socket, 0);
}

function serve(socket: Socket): void {
  socket.setNoDelay(true);
  let head = '';
  let missing = 0;
  let streamed = false;
  const forget = () => {
    for (const streams of slots) streams.delete(socket);
  };
  socket.on('error', forget).on('close', forget);
  socket.on('data', (bytes) => {
    if (missing > 0) {
      streamed ||= bytes.indexOf('"stream":true') !== -1;
      missing -= bytes.length;
    } else {
      const text = head + bytes.toString('latin1');
      const end = text.indexOf(HEAD_END);
      if (end === -1) {
        head = text;
        return;
      }
      head = '';
      if (text.startsWith('GET ')) {
        socket.write(READY);
        return;
      }
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(text.slice(0, end + 2))?.[1] ?? 0);
      missing = length - (text.length - end - HEAD_END.length);
      streamed = text.indexOf('"stream":true', end) !== -1;
    }
    if (missing <= 0) answer(socket, streamed);
  });
}

createServer(serve).listen(Number(process.env['PORT']), '127.0.0.1');
