import { Injectable } from '@nestjs/common';

export const MAX_FAILED_LOGINS = 20;
const WINDOW_MS = 60_000;
/** Addresses remembered at a time; with more, the one whose window began first is forgotten. */
const MAX_ADDRESSES = 10_000;

/** Counts failed logins per address in windows of a minute. */
@Injectable()
export class FailedLogins {
  /** In the order in which their windows began. */
  private readonly windows = new Map<string, { startMs: number; count: number }>();

  /** Notes one and gives the seconds to wait, 0 while the address has failed at most 20 times in the minute. */
  note(address: string, nowMs: number): number {
    let window = this.windows.get(address);
    if (!window || nowMs - window.startMs >= WINDOW_MS) {
      this.windows.delete(address);
      window = { startMs: nowMs, count: 0 };
      this.windows.set(address, window);
      this.forget(nowMs);
    }
    window.count += 1;
    if (window.count <= MAX_FAILED_LOGINS) return 0;
    return Math.ceil((window.startMs + WINDOW_MS - nowMs) / 1_000);
  }

  private forget(nowMs: number): void {
    for (const [address, { startMs }] of this.windows) {
      if (this.windows.size <= MAX_ADDRESSES && nowMs - startMs < WINDOW_MS) return;
      this.windows.delete(address);
    }
  }

  get size(): number {
    return this.windows.size;
  }
}
