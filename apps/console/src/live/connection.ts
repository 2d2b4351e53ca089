import { type ServerEvent, ServerEvents } from './server-events.ts';

/** `away`: the stream is broken and tried again; `ended`: the session is over, and it is not. */
export type ConnectionState = 'connecting' | 'live' | 'away' | 'ended';

export interface Listener {
  onEvent(event: ServerEvent): void;
  onState(state: ConnectionState): void;
}

/** The server sends a comment every 15 s: after twice that and some, the line is dead however open it looks. */
const SILENT_MS = 35_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** What scrolls by is not watched one by one. */
const SETTLE_MS = 60;

/**
 * The page's one stream. closed → connecting → live → (away → connecting)* → ended | closed. It goes on from the last
 * event that was seen, after a break and when what is watched changes alike.
 */
export class Connection {
  private watched = '';
  private lastEventId: string | null = null;
  private current: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private pauseMs = FIRST_PAUSE_MS;

  constructor(private readonly listener: Listener) {}

  /** Opens the stream for these scopes; if it is open for others, anew. */
  watch(scopeIds: readonly string[]): void {
    const wanted = [...scopeIds].sort().join(',');
    if (this.current !== null && wanted === this.watched) return;
    this.watched = wanted;
    this.openIn(SETTLE_MS);
  }

  /** Tries at once, as when the machine is online again. */
  hurry(): void {
    this.pauseMs = FIRST_PAUSE_MS;
    this.openIn(0);
  }

  close(): void {
    clearTimeout(this.timer);
    this.current?.abort();
    this.current = null;
  }

  private openIn(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.open(), ms);
  }

  private async open(): Promise<void> {
    this.current?.abort();
    const mine = new AbortController();
    this.current = mine;
    try {
      const answer = await fetch(`/v1/stream?watch=${encodeURIComponent(this.watched)}`, {
        headers: this.lastEventId === null ? {} : { 'last-event-id': this.lastEventId },
        signal: mine.signal,
      });
      if (answer.status === 401) return this.listener.onState('ended');
      if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`);
      this.listener.onState('live');
      this.pauseMs = FIRST_PAUSE_MS;
      await this.read(answer.body, mine);
    } catch {
      // Whatever broke it, it is opened again below.
    }
    if (mine.signal.aborted && this.current !== mine) return;
    this.listener.onState('away');
    this.openIn(this.pauseMs);
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2);
  }

  private async read(body: ReadableStream<Uint8Array>, mine: AbortController): Promise<void> {
    const events = new ServerEvents();
    const reader = body
      .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
      .getReader();
    let silence = setTimeout(() => mine.abort(), SILENT_MS);
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(silence);
        silence = setTimeout(() => mine.abort(), SILENT_MS);
        for (const event of events.take(value)) {
          this.lastEventId = event.id ?? this.lastEventId;
          if (event.name !== '') this.listener.onEvent(event);
        }
      }
    } finally {
      clearTimeout(silence);
    }
  }
}
