import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** Thrown out of an exchange whose connection is gone. */
export class ConnectionGone extends Error {}

/**
 * One request and its answer. Every method that takes time ends at once with {@link ConnectionGone} when the
 * caller hangs up, so that what is left of the answer is not produced.
 */
export class Exchange {
  readonly #gone = new AbortController();

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    response.once('close', () => {
      if (!response.writableFinished) this.#gone.abort();
    });
    // A write into a connection that was just closed; the 'close' event tells the same.
    response.on('error', () => this.#gone.abort());
  }

  header(name: string): string | null {
    return this.request.headers[name]?.toString() ?? null;
  }

  /** @throws ApiError 413 above 64 MiB */
  async body(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of this.request as AsyncIterable<Buffer>) {
        bytes += part.length;
        if (bytes > MAX_BODY_BYTES) throw new ApiError(413, 'The body is larger than 64 MiB.');
        parts.push(part);
      }
    } catch (error) {
      throw error instanceof ApiError ? error : new ConnectionGone();
    }
    return Buffer.concat(parts);
  }

  async pause(ms = 0): Promise<void> {
    if (ms > 0) await this.#orGone(sleep(ms, undefined, { signal: this.#gone.signal }));
    if (this.#gone.signal.aborted) throw new ConnectionGone();
  }

  /** Resolves never: waits until the caller hangs up. @throws ConnectionGone then */
  async gone(): Promise<never> {
    const { signal } = this.#gone;
    if (!signal.aborted)
      await new Promise((abort) => signal.addEventListener('abort', abort, { once: true }));
    throw new ConnectionGone();
  }

  /** Sends the headers at once, before there is a body. */
  head(status: number, headers: Record<string, string | number>): void {
    this.response.writeHead(status, headers);
    this.response.flushHeaders();
  }

  /** Writes, and waits while the caller reads more slowly than this. */
  async write(data: string | Buffer): Promise<void> {
    if (this.#gone.signal.aborted) throw new ConnectionGone();
    if (this.response.write(data)) return;
    await this.#orGone(once(this.response, 'drain', { signal: this.#gone.signal }));
  }

  /** Ends the answer and waits until all of it was handed to the operating system. */
  async end(data: string | Buffer = ''): Promise<void> {
    if (this.#gone.signal.aborted) throw new ConnectionGone();
    this.response.end(data);
    await once(this.response, 'close');
    if (!this.response.writableFinished) throw new ConnectionGone();
  }

  async json(status: number, body: unknown, headers: Record<string, string | number> = {}): Promise<void> {
    const text = JSON.stringify(body);
    this.response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    });
    await this.end(text);
  }

  /** Sends TCP RST, after what was written before has left: a reset throws away what has not. */
  async reset(): Promise<void> {
    const { socket } = this.request;
    await new Promise((left) => socket.write('', left));
    socket.resetAndDestroy();
  }

  async #orGone(waiting: Promise<unknown>): Promise<void> {
    try {
      await waiting;
    } catch {
      throw new ConnectionGone();
    }
  }
}
