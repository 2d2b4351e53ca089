import type { ServerResponse } from 'node:http';
import type { TollgateError } from '@tollgate/contracts/errors';
import { ClientGone } from '../proxy/read-body.ts';

/** Metering answers in milliseconds, and others give back what they do not need within this. */
const PATIENCE_MS = 1_000;

/** Requests that wait for metering's answer, in the order in which they came. */
export class WaitingRequests {
  private readonly waits = new Set<Wait>();

  get size(): number {
    return this.waits.size;
  }

  begin(res: ServerResponse): Wait {
    const wait = new Wait(res, () => this.waits.delete(wait));
    this.waits.add(wait);
    return wait;
  }

  /** There is something new to decide on. @param scopeIds of what; all, unless said */
  wake(scopeIds?: ReadonlySet<string>): void {
    for (const wait of this.waits) if (!scopeIds || wait.isFor(scopeIds)) wait.wake();
  }

  /** Nobody waits any longer, and all are told why. */
  dismiss(error: TollgateError): void {
    for (const wait of this.waits) wait.fail(error);
  }
}

/** A request that waits, as long as its client does and at most a second: to be ended on every way out. */
export class Wait {
  /** Whether it can wait no longer. */
  isOver = false;
  private readonly beganMs = performance.now();
  private readonly timer = setTimeout(() => {
    this.isOver = true;
    this.wake();
  }, PATIENCE_MS);
  private scopeIds: readonly string[] = [];
  private turn: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;
  private readonly onClose = () => this.fail(new ClientGone());

  constructor(
    private readonly res: ServerResponse,
    private readonly onEnd: () => void,
  ) {
    res.once('close', this.onClose);
  }

  get waitedMs(): number {
    return performance.now() - this.beganMs;
  }

  isFor(scopeIds: ReadonlySet<string>): boolean {
    return this.scopeIds.some((id) => scopeIds.has(id));
  }

  /**
   * Resolves when it is worth deciding again.
   * @param scopeIds what it waits for
   * @throws ClientGone, or why it was dismissed
   */
  next(scopeIds: readonly string[]): Promise<void> {
    this.scopeIds = scopeIds;
    if (this.res.destroyed) return Promise.reject(new ClientGone());
    return new Promise((resolve, reject) => {
      this.turn = { resolve, reject };
    });
  }

  wake(): void {
    this.turn?.resolve();
    this.turn = null;
  }

  fail(error: Error): void {
    this.turn?.reject(error);
    this.turn = null;
  }

  end(): void {
    clearTimeout(this.timer);
    this.res.off('close', this.onClose);
    this.onEnd();
  }
}
