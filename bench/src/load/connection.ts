import { connect, type Socket } from 'node:net';
import { CHUNK_MARK } from '../canned.ts';
import { ResponseReader } from './response.ts';

export interface Exchange {
  /** HTTP status; 0 where the connection broke. */
  readonly status: number;
  readonly bodyBytes: number;
  /** Events with text in a streamed answer. */
  readonly chunks: number;
}

/** A keep-alive connection that sends one request at a time. */
export class Connection {
  private readonly socket: Socket;
  private reader: ResponseReader | null = null;
  private whenDone: ((exchange: Exchange) => void) | null = null;
  broken = false;

  constructor(
    port: number,
    private readonly streamed: boolean,
  ) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes) => this.receive(bytes));
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.broken = true;
      this.finish({ status: 0, bodyBytes: 0, chunks: 0 });
    });
  }

  send(request: Buffer, whenDone: (exchange: Exchange) => void): void {
    this.reader = new ResponseReader(this.streamed);
    this.whenDone = whenDone;
    this.socket.write(request);
  }

  close(): void {
    this.whenDone = null;
    this.socket.destroy();
  }

  private receive(bytes: Buffer): void {
    const { reader } = this;
    if (!reader?.push(bytes)) return;
    const chunks = this.streamed ? countMarks(reader.body) : 0;
    this.finish({ status: reader.status, bodyBytes: reader.bodyBytes, chunks });
  }

  private finish(exchange: Exchange): void {
    const done = this.whenDone;
    this.reader = null;
    this.whenDone = null;
    done?.(exchange);
  }
}

function countMarks(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(CHUNK_MARK); at !== -1; at = body.indexOf(CHUNK_MARK, at + 1)) count += 1;
  return count;
}
