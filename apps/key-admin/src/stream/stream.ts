import type { ServerResponse } from 'node:http';
import type { StreamEventName } from '@tollgate/contracts/stream-http';
import type { Credential } from './credential.ts';

/** A reader that leaves more than this lie is too slow: it is ended, comes back, and goes on where it was. */
export const MOST_WAITING_BYTES = 524_288;
const COMES_BACK_AFTER_MS = 1_000;

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that gather answers before they pass them on leave this one alone.
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

/** One reader's stream of events. open → ended, by its reader or by us */
export class Stream {
  constructor(
    readonly of: Credential,
    readonly watched: readonly string[],
    private readonly out: ServerResponse,
  ) {
    // A connection that broke is closed; that it broke is nobody's concern.
    out.on('error', () => undefined);
    out.writeHead(200, HEAD);
    this.write(`retry: ${COMES_BACK_AFTER_MS}\n\n`);
  }

  /** @param id what a reader comes back with to be told what followed */
  send(event: StreamEventName, data: object, id?: string): void {
    const idLine = id === undefined ? '' : `id: ${id}\n`;
    this.write(`event: ${event}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
  }

  /** Shows proxies and the reader that the connection lives. */
  beat(): void {
    this.write(':\n\n');
  }

  /** Whether its reader has yet to take what was written: what will be superseded can wait. */
  get isBehind(): boolean {
    return this.out.writableNeedDrain;
  }

  onClose(listener: () => void): void {
    this.out.once('close', listener);
  }

  /** At once where its reader keeps up; nobody waits for one that does not. */
  end(): void {
    if (this.out.writableLength > 0) this.out.destroy();
    else this.out.end();
  }

  private write(text: string): void {
    if (this.out.writableEnded || this.out.destroyed) return;
    this.out.write(text);
    if (this.out.writableLength > MOST_WAITING_BYTES) this.out.destroy();
  }
}
