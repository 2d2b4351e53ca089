import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Position } from '@tollgate/kafka/publisher';
import { DataSource } from 'typeorm';
import { FIND_PUBLISHED } from '../keys/sql/find-published.ts';

/** Keys whose last publication is remembered; the others are in the database. */
const REMEMBERED = 10_000;
/** Another instance's relay may be the one that publishes; its notes are seen in the database only. */
const LOOK_EVERY_MS = 100;

interface Publication {
  readonly version: number;
  readonly position: Position;
}

/** Where each key's latest record is on the topic. */
@Injectable()
export class Publications {
  private readonly latest = new Map<string, Publication>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly db: DataSource) {}

  /** Called by this process's relay. */
  note(keyId: string, version: number, position: Position): void {
    this.latest.delete(keyId);
    this.latest.set(keyId, { version, position });
    const [oldest] = this.latest.keys();
    if (this.latest.size > REMEMBERED && oldest !== undefined) this.latest.delete(oldest);
    for (const wake of this.waiting.get(keyId) ?? []) wake();
  }

  /** The position of a record of this version of a key or a later one; `null` when the signal aborts first. */
  async of(keyId: string, version: number, signal: AbortSignal): Promise<Position | null> {
    for (;;) {
      const known = this.latest.get(keyId);
      if (known && known.version >= version) return known.position;
      const stored = await this.stored(keyId, version);
      if (stored || signal.aborted) return stored;
      await this.woken(keyId, signal);
    }
  }

  private async stored(keyId: string, version: number): Promise<Position | null> {
    const [row] = await this.db.query<{ partition: number; offset: string }[]>(FIND_PUBLISHED, [
      keyId,
      version,
    ]);
    return row ? { partition: row.partition, offset: BigInt(row.offset) } : null;
  }

  private async woken(keyId: string, signal: AbortSignal): Promise<void> {
    const waker = new AbortController();
    const wake = () => waker.abort();
    const wakers = this.waiting.get(keyId) ?? new Set();
    this.waiting.set(keyId, wakers.add(wake));
    await sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, waker.signal]) }).catch(
      () => undefined,
    );
    wakers.delete(wake);
    if (wakers.size === 0) this.waiting.delete(keyId);
  }
}
