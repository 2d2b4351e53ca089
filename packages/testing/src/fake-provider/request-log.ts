import type { Tokens } from './tokens.ts';

export type Outcome = 'in_flight' | 'served' | 'aborted_by_client' | 'reset' | 'truncated' | 'error';

/** A request that reached the provider, as its log tells it. Never a prompt, a completion or a credential. */
export interface LoggedRequest {
  /** The caller's `x-request-id`. */
  readonly request_id: string | null;
  /** The caller's `x-tollgate-attempt`. */
  readonly attempt: string | null;
  /** Path of the request, such as `/v1/messages`. */
  readonly endpoint: string;
  readonly model: string | null;
  readonly streamed: boolean;
  /** SHA-256 of the whole Authorization header in hex, so that a leaking credential can be recognised. */
  readonly authorization_sha256: string | null;
  readonly body_sha256: string | null;
  /** Names of the request's headers in lower case, as they came. */
  readonly header_names: readonly string[];
  /** Of the prompt, by the provider's own count; 0 where it refused to answer. */
  prompt_tokens: number;
  /** Generated until the end or the abort, whatever was reported or received: of a stream, the tokens written. */
  completion_tokens: number;
  /** The `usage` that went onto the wire, the last one; `null` where none did. */
  reported_usage: unknown;
  /** The same in disjoint classes, once the whole of it was reported; `null` where another one was programmed. */
  reported_tokens: Tokens | null;
  status: number | null;
  outcome: Outcome;
  readonly started_at: string;
  ended_at: string | null;
}

export interface LogFilter {
  /** Also finds the attempts of a request: `a` finds `a/1` and `a/2`. */
  readonly request_id?: string | undefined;
  readonly model?: string | undefined;
  /** `ended` by default. */
  readonly state?: 'ended' | 'in_flight' | undefined;
}

const matches = (filter: LogFilter, entry: LoggedRequest) =>
  (filter.request_id === undefined ||
    filter.request_id === entry.request_id ||
    entry.request_id?.startsWith(`${filter.request_id}/`) === true) &&
  (filter.model === undefined || filter.model === entry.model);

interface Waiter {
  readonly filter: LogFilter;
  missing: number;
  readonly resolve: () => void;
}

/** Requests in flight, and the last `capacity` that ended, in the order in which they ended. */
export class RequestLog {
  readonly #capacity: number;
  readonly #inFlight = new Set<LoggedRequest>();
  readonly #waiters = new Set<Waiter>();
  #ended: LoggedRequest[] = [];
  /** Where the ring is overwritten next, once it is full. */
  #oldest = 0;
  #forgotten = 0;

  /** @param capacity ended requests kept, ≥ 1; the oldest are forgotten beyond it */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Ended requests that the ring had no room to keep since it was last cleared. */
  get forgotten(): number {
    return this.#forgotten;
  }

  begin(entry: LoggedRequest): void {
    this.#inFlight.add(entry);
    this.#notify('in_flight', entry);
  }

  end(entry: LoggedRequest): void {
    this.#inFlight.delete(entry);
    if (this.#ended.length < this.#capacity) {
      this.#ended.push(entry);
    } else {
      this.#ended[this.#oldest] = entry;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
      this.#forgotten += 1;
    }
    this.#notify('ended', entry);
  }

  *entries(filter: LogFilter): Generator<LoggedRequest> {
    if (filter.state === 'in_flight') {
      for (const entry of this.#inFlight) if (matches(filter, entry)) yield entry;
      return;
    }
    const ring = this.#ended;
    const oldest = this.#oldest;
    for (let index = 0; index < ring.length; index++) {
      const entry = ring[(oldest + index) % ring.length];
      if (entry && matches(filter, entry)) yield entry;
    }
  }

  /** Forgets the requests that ended; those in flight are logged when they end. */
  clear(): void {
    this.#ended = [];
    this.#oldest = 0;
    this.#forgotten = 0;
  }

  /** Resolves once `count` requests match, those there already included; never rejects but by the signal. */
  async wait(count: number, filter: LogFilter, signal: AbortSignal): Promise<void> {
    const there = [...this.entries(filter)].length;
    if (there >= count) return;
    signal.throwIfAborted();
    const { promise, resolve, reject } = deferred();
    const waiter: Waiter = { filter, missing: count - there, resolve };
    const abort = () => reject(signal.reason);
    this.#waiters.add(waiter);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', abort);
    }
  }

  #notify(state: 'ended' | 'in_flight', entry: LoggedRequest): void {
    for (const waiter of this.#waiters) {
      if ((waiter.filter.state ?? 'ended') !== state || !matches(waiter.filter, entry)) continue;
      waiter.missing -= 1;
      if (waiter.missing <= 0) waiter.resolve();
    }
  }
}

function deferred() {
  let resolve!: () => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
