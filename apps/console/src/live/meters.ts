import type { StreamMeter } from '@tollgate/contracts/stream-http';

type Tell = () => void;
/** Beside the scopes' own: who shows whether figures move at all. */
const MOVING = 'moving';

/** The last meter of each scope that the page watches. A row hears of its own scope alone. */
export class Meters {
  private readonly known = new Map<string, StreamMeter>();
  private readonly listeners = new Map<string, Set<Tell>>();
  private moving = true;

  get(scopeId: string): StreamMeter | undefined {
    return this.known.get(scopeId);
  }

  set(scopeId: string, meter: StreamMeter): void {
    this.known.set(scopeId, meter);
    this.tell(scopeId);
  }

  /** `false` while metering cannot be asked: figures are as old as they are. */
  get isMoving(): boolean {
    return this.moving;
  }

  setMoving(moving: boolean): void {
    this.moving = moving;
    this.tell(MOVING);
  }

  /** Forgets what is watched no more, so that a long session holds no more than a page. */
  keepOnly(scopeIds: ReadonlySet<string>): void {
    for (const id of this.known.keys()) if (!scopeIds.has(id)) this.known.delete(id);
  }

  listen(scopeId: string, tell: Tell): () => void {
    const set = this.listeners.get(scopeId) ?? new Set();
    this.listeners.set(scopeId, set.add(tell));
    return () => {
      set.delete(tell);
      if (set.size === 0) this.listeners.delete(scopeId);
    };
  }

  listenMoving(tell: Tell): () => void {
    return this.listen(MOVING, tell);
  }

  private tell(scopeId: string) {
    for (const tell of this.listeners.get(scopeId) ?? []) tell();
  }
}
