/** Requests per minute are counted over the last 60 s, whatever the clock's minute. */
export const WINDOW_MS = 60_000;
const FIRST_CAPACITY = 16;

/**
 * The admissions of the last 60 s as a ring of their instants. An admission at `a` counts at `t` while
 * `t − 60 s < a ≤ t`, so any window (t − 60 s, t] holds at most `limit` of them.
 *
 * A clock that is set back is held at the latest instant seen: the window may close later, never earlier.
 */
export class RollingWindow {
  private ring = new Float64Array(FIRST_CAPACITY);
  private first = 0;
  private size = 0;
  private latestMs = Number.NEGATIVE_INFINITY;

  /** Admissions that count at `nowMs` (ms since the epoch). */
  countAt(nowMs: number): number {
    this.forget(nowMs);
    return this.size;
  }

  /** Records an admission at `nowMs`; the caller has checked {@link countAt} against the limit. */
  admit(nowMs: number): void {
    this.forget(nowMs);
    if (this.size === this.ring.length) this.grow();
    this.ring[(this.first + this.size) & (this.ring.length - 1)] = this.latestMs;
    this.size += 1;
  }

  /** The instant (ms) from which fewer than `limit` admissions count, as far as is known at `nowMs`. */
  opensAt(nowMs: number, limit: number): number {
    this.forget(nowMs);
    if (this.size < limit) return nowMs;
    return this.at(this.size - limit) + WINDOW_MS;
  }

  private at(index: number): number {
    return this.ring[(this.first + index) & (this.ring.length - 1)]!;
  }

  private forget(nowMs: number): void {
    this.latestMs = Math.max(this.latestMs, nowMs);
    const bound = this.latestMs - WINDOW_MS;
    while (this.size > 0 && this.at(0) <= bound) {
      this.first = (this.first + 1) & (this.ring.length - 1);
      this.size -= 1;
    }
  }

  private grow(): void {
    const larger = new Float64Array(this.ring.length * 2);
    for (let index = 0; index < this.size; index += 1) larger[index] = this.at(index);
    this.ring = larger;
    this.first = 0;
  }
}
