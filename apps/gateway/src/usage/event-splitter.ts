import { Gathered } from '@tollgate/service-kit/gathered';

const NOTHING: Buffer = Buffer.alloc(0);
const LF = 0x0a;
const CR = 0x0d;
/** An event larger than this is passed on unread, so that no provider can fill the memory. */
export const MAX_EVENT_BYTES = 4 * 1_048_576;

/** Looks at the event in [start, end) of the bytes. @returns whether the client gets it */
export type OnEvent = (bytes: Buffer, start: number, end: number) => boolean;

/**
 * Cuts a stream of server-sent events at its blank lines. Whole events are handed on as the bytes they came in, without
 * copying where the network's chunks hold whole events; an unfinished one waits for its end.
 *
 * between events ⇄ within one (its bytes held) → within one that is too large (its bytes passed on) → between events
 */
export class EventSplitter {
  private readonly held = new Gathered();
  private tooLarge = false;
  /** Bytes of a blank line that the last chunk ended with: a line's end (1), and a CR after it (2). */
  private blank = 0;

  constructor(private readonly onEvent: OnEvent) {}

  /** Bytes of an unfinished event have been handed on. */
  get withinPassedEvent(): boolean {
    return this.tooLarge;
  }

  /** Takes bytes and returns those that go on. */
  push(chunk: Buffer): Buffer {
    const passed: Buffer[] = [];
    let start = this.resume(chunk, passed);
    if (start === -1) return this.joined(passed);
    let from = start;
    for (let end = endOfEvent(chunk, start); end !== -1; end = endOfEvent(chunk, start)) {
      if (end - start <= MAX_EVENT_BYTES && !this.onEvent(chunk, start, end)) {
        if (start > from) passed.push(chunk.subarray(from, start));
        from = end;
      }
      start = end;
    }
    if (start > from) passed.push(from === 0 && start === chunk.length ? chunk : chunk.subarray(from, start));
    if (start < chunk.length) this.hold(chunk.subarray(start), passed);
    return this.joined(passed);
  }

  /** What is left when the stream ends without ending its last event. */
  end(): Buffer {
    const rest = this.held.take();
    return rest.length === 0 || this.onEvent(rest, 0, rest.length) ? rest : NOTHING;
  }

  /** Goes on with an event that an earlier chunk began. @returns where the next one begins, -1 if this has not ended */
  private resume(chunk: Buffer, passed: Buffer[]): number {
    if (this.held.length === 0 && !this.tooLarge) return 0;
    const end = endOfEvent(chunk, 0, this.blank);
    if (end === -1) {
      this.hold(chunk, passed);
      return -1;
    }
    const last = chunk.subarray(0, end);
    if (this.tooLarge) passed.push(last);
    else {
      this.held.add(last);
      const event = this.held.take();
      if (event.length > MAX_EVENT_BYTES || this.onEvent(event, 0, event.length)) passed.push(event);
    }
    this.tooLarge = false;
    this.blank = 0;
    return end;
  }

  private hold(bytes: Buffer, passed: Buffer[]): void {
    this.blank = blankAfter(bytes, this.blank);
    if (this.tooLarge) {
      passed.push(bytes);
      return;
    }
    this.held.add(bytes);
    if (this.held.length <= MAX_EVENT_BYTES) return;
    passed.push(this.held.take());
    this.tooLarge = true;
  }

  private joined(passed: Buffer[]): Buffer {
    return passed.length === 1 ? passed[0]! : passed.length === 0 ? NOTHING : Buffer.concat(passed);
  }
}

/**
 * The index after the blank line that ends the event, or -1. Lines end in LF or CRLF; the format's bare CR is used by
 * no provider.
 * @param blank how much of a blank line went before these bytes
 */
function endOfEvent(bytes: Buffer, from: number, blank = 0): number {
  if (blank > 0) {
    if (bytes[from] === LF) return from + 1;
    if (blank === 1 && bytes[from] === CR && bytes[from + 1] === LF) return from + 2;
  }
  for (let lf = bytes.indexOf(LF, from); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}

/** How much of a blank line the bytes end with, after as much before them. */
function blankAfter(bytes: Buffer, before: number): number {
  const last = bytes[bytes.length - 1];
  if (last === LF) return 1;
  if (last !== CR) return 0;
  return bytes.length > 1 ? (bytes[bytes.length - 2] === LF ? 2 : 0) : before === 1 ? 2 : 0;
}
