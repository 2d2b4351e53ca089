import { STREAM_EVENTS, type StreamEventData, type StreamEventName } from '@tollgate/contracts/stream-http';
import type { AdminClient } from './client.ts';
import { AdminApiError } from './error.ts';
import { eventsOf, type RawEvent } from './event-stream.ts';

export type StreamEvent = {
  [Name in StreamEventName]: { readonly event: Name; readonly data: StreamEventData<Name> };
}[StreamEventName];

/** `waiting`: cut off, and about to try again. `refused`: signed out, or not allowed; it does not try again by itself. */
export type StreamState = 'connecting' | 'open' | 'waiting' | 'refused' | 'paused';

export interface LiveStreamSettings {
  readonly onEvent: (event: StreamEvent) => void;
  /** With what went wrong, where something did. */
  readonly onState?: (state: StreamState, error?: AdminApiError) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** The server shows every 15 s that it is there. */
const LONGEST_SILENCE_MS = 40_000;

/**
 * Reads `GET /v1/stream` over as many connections as it takes, each going on where the one before ended. By `fetch`
 * and not by `EventSource`, which hides why it is refused and forgets its place when it watches something else.
 *
 * paused → connecting → open → waiting → connecting … → refused or paused
 */
export class LiveStream {
  private connection: AbortController | undefined;
  private watched: readonly string[] = [];
  private lastEventId: string | null = null;

  constructor(
    private readonly client: AdminClient,
    private readonly settings: LiveStreamSettings,
  ) {}

  /** Watches the meters of these scopes, 250 at most, in place of those before; nothing else is missed for it. */
  watch(ids: readonly string[]): void {
    const isOther = ids.length !== this.watched.length || ids.some((id) => !this.watched.includes(id));
    this.watched = [...ids];
    if (isOther && this.connection) this.resume();
  }

  /** Connects, or connects anew: at the beginning, when a page is seen again, after signing in. */
  resume(): void {
    this.connection?.abort();
    this.connection = new AbortController();
    void this.run(this.connection.signal);
  }

  /** Ends the connection, as for a page that is hidden. What happens meanwhile is told when it resumes. */
  pause(): void {
    this.connection?.abort();
    this.connection = undefined;
    this.settings.onState?.('paused');
  }

  private async run(signal: AbortSignal): Promise<void> {
    for (let tried = 0; !signal.aborted; tried += 1) {
      this.settings.onState?.('connecting');
      let error: AdminApiError | undefined;
      try {
        await this.read(signal, () => {
          tried = 0;
        });
      } catch (caught) {
        error = caught instanceof AdminApiError ? caught : undefined;
      }
      if (signal.aborted) return;
      if (error?.status === 401 || error?.status === 403) {
        this.connection = undefined;
        return this.settings.onState?.('refused', error);
      }
      this.settings.onState?.('waiting', error);
      await pause(pauseMs(tried, error), signal);
    }
  }

  /** One connection's life. */
  private async read(signal: AbortSignal, onOpen: () => void): Promise<void> {
    const silence = new AbortController();
    let silent: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silent);
      silent = setTimeout(() => silence.abort(), LONGEST_SILENCE_MS);
    };
    heard();
    try {
      const answer = await this.client.stream.open({
        signal: AbortSignal.any([signal, silence.signal]),
        query: this.watched.length === 0 ? {} : { watch: this.watched.join(',') },
        ...(this.lastEventId !== null && { lastEventId: this.lastEventId }),
      });
      for await (const event of eventsOf(answer.body!, heard)) {
        // What it is told after it was given up belongs to a connection of before.
        if (signal.aborted) return;
        this.take(event, onOpen);
      }
    } finally {
      clearTimeout(silent);
    }
  }

  /** Events of a newer server that this client does not know are passed over. */
  private take({ event, data, id }: RawEvent, onOpen: () => void): void {
    if (id !== null) this.lastEventId = id;
    if (event === 'hello') {
      onOpen();
      this.settings.onState?.('open');
    }
    if (Object.hasOwn(STREAM_EVENTS, event)) {
      this.settings.onEvent({ event, data: JSON.parse(data) } as StreamEvent);
    }
  }
}

/** Longer each time, and not for all readers the same: those of a server that starts again come one after another. */
function pauseMs(tried: number, error: AdminApiError | undefined): number {
  if (error?.retryAfterSeconds) return error.retryAfterSeconds * 1_000;
  return Math.min(FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2);
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
