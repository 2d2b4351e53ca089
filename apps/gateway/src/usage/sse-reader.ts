import type { TokenCounts } from '@tollgate/contracts/events';
import type { StreamUsage } from './dialect.ts';
import { EventSplitter } from './event-splitter.ts';

const DATA = 'data:';

/** What every dialect's stream has in common: whole events pass, and each is looked at once. */
export abstract class SseReader implements StreamUsage {
  usage: TokenCounts | null = null;
  finished = false;
  failed = false;
  outputEvents = 0;
  outputBytes = 0;
  private readonly splitter = new EventSplitter((bytes, start, end) => {
    // Every byte as one character: indexes stay those of bytes, and no text is decoded that nobody reads.
    const event = bytes.toString('latin1', start, end);
    return !(event.startsWith(DATA) || event.includes(DATA)) || this.read(event);
  });

  push(chunk: Buffer): Buffer {
    return this.splitter.push(chunk);
  }

  end(): Buffer {
    return this.splitter.end();
  }

  endAtLimit(tokens: TokenCounts): Buffer {
    // A client must not take the end for a part of the event that it is in the middle of.
    const lead = this.splitter.withinPassedEvent ? '\n\n' : '';
    return Buffer.from(this.finished ? '' : lead + this.ending(tokens));
  }

  /** Looks at one event, its bytes as Latin-1. @returns whether the client gets it */
  protected abstract read(event: string): boolean;

  /** The events that end the stream at a limit. */
  protected abstract ending(tokens: TokenCounts): string;

  /** Notes an event that carried so many bytes of output. */
  protected noteOutput(bytes: number): void {
    if (bytes === 0) return;
    this.outputEvents += 1;
    this.outputBytes += bytes;
  }
}
