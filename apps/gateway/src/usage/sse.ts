import type { TokenCounts } from '@tollgate/contracts/events';
import type { EventReader, StreamUsage } from './dialect.ts';

const NOTHING: Buffer = Buffer.alloc(0);
const CR = 0x0d;
/** An event larger than this is passed on unread, so that no provider can fill the memory. */
const MAX_EVENT_BYTES = 4 * 1_048_576;

/**
 * Cuts a stream of server-sent events into events and hands them on as the bytes they came in, but for those that
 * carry usage which the client did not ask for. An unfinished event waits for its end, which no client could have
 * used earlier.
 */
export class SseStream implements StreamUsage {
  private unfinished: Buffer = NOTHING;
  /** Within an event that is too large to be read. */
  private overflown = false;

  constructor(
    private readonly reader: EventReader,
    private readonly passUsageOn: boolean,
  ) {}

  get usage(): TokenCounts | null {
    return this.reader.usage;
  }
  get soFar(): TokenCounts | null {
    return this.reader.soFar;
  }
  get outputEvents(): number {
    return this.reader.outputEvents;
  }
  get finished(): boolean {
    return this.reader.finished;
  }
  get failed(): boolean {
    return this.reader.failed;
  }

  push(chunk: Buffer): Buffer {
    const bytes = this.unfinished.length === 0 ? chunk : Buffer.concat([this.unfinished, chunk]);
    const withCr = bytes.indexOf(CR) !== -1;
    const kept: Buffer[] = [];
    let start = 0;
    let from = 0;
    for (let end = endOfEvent(bytes, 0, withCr); end !== -1; end = endOfEvent(bytes, start, withCr)) {
      if (this.isLeftOut(bytes.subarray(start, end))) {
        if (start > from) kept.push(bytes.subarray(from, start));
        from = end;
      }
      start = end;
    }
    if (start > from) kept.push(bytes.subarray(from, start));
    this.unfinished = bytes.subarray(start);
    if (this.unfinished.length > MAX_EVENT_BYTES) {
      kept.push(this.unfinished);
      this.unfinished = NOTHING;
      this.overflown = true;
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  end(): Buffer {
    const rest = this.unfinished;
    this.unfinished = NOTHING;
    return this.isLeftOut(rest) ? NOTHING : rest;
  }

  endAtLimit(outputTokens: number): Buffer {
    return this.reader.endAtLimit(outputTokens);
  }

  private isLeftOut(event: Buffer): boolean {
    if (this.overflown) {
      this.overflown = false;
      return false;
    }
    return this.reader.read(event) && !this.passUsageOn;
  }
}

/** The index after the blank line that ends the event, or -1. */
function endOfEvent(bytes: Buffer, from: number, withCr: boolean): number {
  const lf = bytes.indexOf('\n\n', from);
  const crlf = withCr ? bytes.indexOf('\r\n\r\n', from) : -1;
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return crlf + 4;
  return lf === -1 ? -1 : lf + 2;
}

const DATA = 'data:';

/** An event's data, parsed; `null` where it has none or it is no JSON, such as `[DONE]`. */
export function dataOf(event: Buffer): unknown {
  const data = event
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.startsWith(DATA))
    .map((line) => line.slice(DATA.length))
    .join('\n');
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}

/** Whether the event has a member of this name that is an object: told from its bytes, since most have not. */
export function hasObject(event: Buffer, quotedName: string): boolean {
  for (let at = event.indexOf(quotedName); at !== -1; at = event.indexOf(quotedName, at + 1)) {
    let next = at + quotedName.length;
    while (event[next] === 0x20 || event[next] === 0x3a) next += 1;
    if (event[next] === 0x7b) return true;
  }
  return false;
}

export const sse = (data: unknown, type?: string): string =>
  `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`;
