import type { Relay } from './relay.ts';

/** Attempts that have not settled, so that a shutdown can wait for them and then end them. */
export class InFlight {
  private readonly relays = new Set<Relay>();
  private whenIdle: (() => void) | null = null;

  get size(): number {
    return this.relays.size;
  }

  add(relay: Relay): void {
    this.relays.add(relay);
  }

  remove(relay: Relay): void {
    this.relays.delete(relay);
    if (this.relays.size === 0) this.whenIdle?.();
  }

  /** Waits up to `deadlineMs` for the attempts to settle and then aborts those that are left. */
  async drain(deadlineMs: number): Promise<void> {
    if (this.relays.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.whenIdle = resolve;
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
    for (const relay of [...this.relays]) relay.abort();
  }
}
