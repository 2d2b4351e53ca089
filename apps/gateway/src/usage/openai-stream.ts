import type { TokenCounts } from '@tollgate/contracts/events';
import { readOpenAiUsage } from './openai-counts.ts';

const NOTHING: Buffer = Buffer.alloc(0);
const DATA = 'data:';
/** An event larger than this is passed on unread, so that no provider can fill the memory. */
const MAX_EVENT_BYTES = 4 * 1_048_576;

/**
 * Reads usage off a stream of server-sent events as it passes. Events are handed on as the bytes they came in;
 * the one chunk that only carries usage is left out where the client did not ask for it. An unfinished event
 * waits for its end, which no client could have used earlier.
 */
export class SseUsage {
  usage: TokenCounts | null = null;
  /** Events with data so far: providers send about one token in each. */
  events = 0;
  private unfinished: Buffer = NOTHING;

  constructor(private readonly passUsageOn: boolean) {}

  /** Takes bytes from the provider and returns those for the client. */
  push(chunk: Buffer): Buffer {
    const bytes = this.unfinished.length === 0 ? chunk : Buffer.concat([this.unfinished, chunk]);
    const kept: Buffer[] = [];
    let start = 0;
    let from = 0;
    for (let end = endOfEvent(bytes, 0); end !== -1; end = endOfEvent(bytes, start)) {
      if (this.read(bytes.subarray(start, end)) && !this.passUsageOn) {
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
    }
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }

  /** What is left when the provider ends without ending its last event. */
  end(): Buffer {
    const rest = this.unfinished;
    this.unfinished = NOTHING;
    return this.read(rest) && !this.passUsageOn ? NOTHING : rest;
  }

  /** Reads one event; `true` when it carries usage and nothing else. */
  private read(event: Buffer): boolean {
    if (event.indexOf(DATA) === -1) return false;
    this.events += 1;
    if (event.indexOf('"usage"') === -1) return false;
    const data = dataOf(event);
    const usage = readOpenAiUsage(data?.usage);
    if (!usage) return false;
    this.usage = usage;
    return Array.isArray(data?.choices) && data.choices.length === 0;
  }
}

/** The index after the blank line that ends the event, or -1. */
function endOfEvent(bytes: Buffer, from: number): number {
  const lf = bytes.indexOf('\n\n', from);
  const crlf = bytes.indexOf('\r\n\r\n', from);
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return crlf + 4;
  return lf === -1 ? -1 : lf + 2;
}

function dataOf(event: Buffer): { usage?: unknown; choices?: unknown[] } | null {
  const text = event.toString();
  const data = text
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
