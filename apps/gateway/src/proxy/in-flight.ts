import { type Held, HeldSum } from '@tollgate/domain/allowance/held';
import { type Enrolled, Roster } from './roster.ts';

/** A request that is on its way. */
export interface UnderWay extends Enrolled {
  readonly keyId: string;
  readonly streamed: boolean;
  /** What its attempt may come to that is not settled; `null` where nothing is held. */
  readonly hold: Held | null;
  /** Told about once a second how late it is, in ms since the epoch. */
  tick(nowMs: number): void;
  abort(): void;
  /** Ends the client's connection with the answer. */
  endConnection(): void;
}

const TICK_MS = 1_000;

/** Requests that are not answered and settled yet: what a shutdown waits for, and a revocation ends. */
export class InFlight {
  private readonly exchanges = new Roster<UnderWay>();
  private whenIdle: (() => void) | null = null;
  private ticking: NodeJS.Timeout | undefined;

  get size(): number {
    return this.exchanges.size;
  }

  /** How many of them stream. */
  get streams(): number {
    let streams = 0;
    for (const { streamed } of this.exchanges) if (streamed) streams += 1;
    return streams;
  }

  /** How many of them hold something, and how much together. */
  get held(): Held & { readonly attempts: number } {
    const sum = new HeldSum();
    let attempts = 0;
    for (const { hold } of this.exchanges) {
      if (!hold) continue;
      attempts += 1;
      sum.add(hold);
    }
    const { costPicodollars, tokens } = sum;
    return { attempts, costPicodollars, tokens };
  }

  add(exchange: UnderWay): void {
    this.exchanges.add(exchange);
    this.ticking ??= setInterval(() => this.tick(), TICK_MS).unref();
  }

  /** @returns whether it was under way until now */
  remove(exchange: UnderWay): boolean {
    const wasUnderWay = this.exchanges.remove(exchange);
    if (this.exchanges.size > 0) return wasUnderWay;
    clearInterval(this.ticking);
    this.ticking = undefined;
    this.whenIdle?.();
    return wasUnderWay;
  }

  /** Ends the requests of a key that was revoked. */
  abortKey(keyId: string): void {
    for (const exchange of [...this.exchanges]) if (exchange.keyId === keyId) exchange.abort();
  }

  /** Has the connections of all that are under way end with their answers. */
  endConnections(): void {
    for (const exchange of this.exchanges) exchange.endConnection();
  }

  /** Waits up to `deadlineMs` for the requests to end and then ends those that are left. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.exchanges.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
    for (const exchange of [...this.exchanges]) exchange.abort();
  }

  private tick(): void {
    const nowMs = Date.now();
    for (const exchange of [...this.exchanges]) exchange.tick(nowMs);
  }
}
