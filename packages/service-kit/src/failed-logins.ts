export const MAX_FAILED_LOGINS = 20;
const WINDOW_MS = 60_000;
/** Addresses and keys remembered at a time; with more, the one whose window began first is forgotten. */
const MAX_REMEMBERED = 10_000;

/** Counts failed logins per address and per key in windows of a minute. */
export class FailedLogins {
  /** In the order in which their windows began. */
  private readonly windows = new Map<string, { startMs: number; count: number }>();

  /**
   * Notes one and gives the seconds to wait: 0 while neither the address nor the key has failed more than
   * {@link MAX_FAILED_LOGINS} times in its minute.
   * @param address canonical, or `null` where it is unknown
   * @param keyId the id that the token named, or `null` where there was none to read
   */
  note(address: string | null, keyId: string | null, nowMs: number): number {
    return Math.max(
      address === null ? 0 : this.noteOf(networkOf(address), nowMs),
      keyId === null ? 0 : this.noteOf(keyId, nowMs),
    );
  }

  get size(): number {
    return this.windows.size;
  }

  private noteOf(name: string, nowMs: number): number {
    let window = this.windows.get(name);
    if (!window || nowMs - window.startMs >= WINDOW_MS) {
      this.windows.delete(name);
      window = { startMs: nowMs, count: 0 };
      this.windows.set(name, window);
      this.forget(nowMs);
    }
    window.count += 1;
    if (window.count <= MAX_FAILED_LOGINS) return 0;
    return Math.ceil((window.startMs + WINDOW_MS - nowMs) / 1_000);
  }

  private forget(nowMs: number): void {
    for (const [name, { startMs }] of this.windows) {
      if (this.windows.size <= MAX_REMEMBERED && nowMs - startMs < WINDOW_MS) return;
      this.windows.delete(name);
    }
  }
}

const GROUPS = 8;
const NETWORK_GROUPS = 4;

/** The /64 of an IPv6 address, of which every host has all addresses to itself; an IPv4 address as it is. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::', 2);
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const zeros = Array<string>(Math.max(0, GROUPS - first.length - last.length)).fill('0');
  return [...first, ...zeros, ...last].slice(0, NETWORK_GROUPS).join(':');
}
