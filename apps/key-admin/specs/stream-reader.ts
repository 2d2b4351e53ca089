import { eventsOf } from '@tollgate/admin-client/event-stream';
import type { StreamEventName } from '@tollgate/contracts/stream-http';
import { eventually } from '@tollgate/testing/eventually';
import { ADMIN_KEY } from './running-key-admin.ts';

export interface StreamRequest {
  readonly watch?: readonly string[];
  readonly lastEventId?: string;
  /** In place of the first admin key. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SeenEvent {
  readonly event: StreamEventName;
  // biome-ignore lint/suspicious/noExplicitAny: specs look into data whose shape is what they check.
  readonly data: any;
  readonly id: string | null;
  readonly atMs: number;
}

/** Reads one stream as it comes, without coming back. */
export class StreamReader {
  readonly events: SeenEvent[] = [];
  readonly ended: Promise<void>;
  private readonly closing = new AbortController();

  private constructor(readonly answer: Response) {
    this.ended = this.read().catch(() => undefined);
  }

  static async open(url: string, request: StreamRequest = {}): Promise<StreamReader> {
    const { watch = [], lastEventId, headers = { authorization: `Bearer ${ADMIN_KEY}` } } = request;
    const closing = new AbortController();
    const answer = await fetch(`${url}/v1/stream${watch.length > 0 ? `?watch=${watch.join(',')}` : ''}`, {
      headers: {
        ...(lastEventId && { 'last-event-id': lastEventId }),
        ...headers,
      },
      signal: closing.signal,
    });
    const reader = new StreamReader(answer);
    reader.closing.signal.addEventListener('abort', () => closing.abort());
    return reader;
  }

  of(event: StreamEventName): SeenEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** The first event that fits, when it is there. */
  async first(fits: (seen: SeenEvent) => boolean): Promise<SeenEvent> {
    let found: SeenEvent | undefined;
    await eventually(() => {
      found = this.events.find(fits);
      if (!found) throw new Error(`no such event among ${JSON.stringify(this.events).slice(0, 2_000)}`);
    });
    return found!;
  }

  close(): Promise<void> {
    this.closing.abort();
    return this.ended;
  }

  private async read(): Promise<void> {
    if (!this.answer.ok) return;
    for await (const { event, data, id } of eventsOf(this.answer.body!, () => undefined)) {
      this.events.push({ event: event as StreamEventName, data: JSON.parse(data), id, atMs: Date.now() });
    }
  }
}
