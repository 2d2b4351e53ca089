import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  /** `null` where the connection was closed without an answer. */
  readonly status: number | null;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const CLOSES_WITHIN_MS = 15_000;

/** Sends bytes that no HTTP client would, and reads until the server closes the connection; gives the first answer. */
export async function sendRaw(port: number, bytes: Buffer | string): Promise<RawAnswer> {
  const socket = await open(port);
  socket.write(bytes);
  return answerOn(socket);
}

/** Sends the first part at once and the rest byte by byte, until the server closes the connection. */
export async function trickleRaw(
  port: number,
  first: string,
  rest: string,
  every_ms: number,
): Promise<RawAnswer> {
  const socket = await open(port);
  socket.write(first);
  let sent = 0;
  const trickle = setInterval(() => {
    if (sent < rest.length && socket.writable) socket.write(rest[sent] as string);
    sent += 1;
  }, every_ms);
  try {
    return await answerOn(socket);
  } finally {
    clearInterval(trickle);
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

function answerOn(socket: Socket): Promise<RawAnswer> {
  const parts: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`the connection is open after ${CLOSES_WITHIN_MS} ms: ${Buffer.concat(parts)}`));
      socket.destroy();
    }, CLOSES_WITHIN_MS);
    socket.on('data', (part) => parts.push(part));
    // A server that does not want the rest of a request resets the connection; what it answered counts.
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      resolve(parse(Buffer.concat(parts).toString()));
    });
  });
}

function parse(text: string): RawAnswer {
  const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).split('\r\n').slice(1);
  const headers = lines.map((line) => /^([^:]+): ?(.*)$/.exec(line));
  const named = new Map(headers.map((match) => [match?.[1]?.toLowerCase() ?? '', match?.[2] ?? '']));
  const length = named.get('content-length');
  return {
    status: status === undefined ? null : Number(status),
    headers: named,
    body: text.slice(end + 4, length === undefined ? undefined : end + 4 + Number(length)),
  };
}
