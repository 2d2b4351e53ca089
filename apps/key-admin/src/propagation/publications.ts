import { Injectable } from '@nestjs/common';
import type { Position } from '@tollgate/kafka/publisher';
import { abortedToo } from '@tollgate/service-kit/aborted-too';
import { pause } from '@tollgate/service-kit/pause';
import { DataSource } from 'typeorm';
import { FIND_PUBLISHED } from './sql/find-published.ts';

/** Scopes whose last publication is remembered; the others are in the database. */
const REMEMBERED = 10_000;
/** Another instance's relay may be the one that publishes; its notes are seen in the database only. */
const LOOK_EVERY_MS = 100;

interface Publication {
  readonly version: number;
  readonly position: Position;
}

/** Where each scope's latest record is on the topic. */
@Injectable()
export class Publications {
  private readonly latest = new Map<string, Publication>();
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly db: DataSource) {}

  /** Called by this process's relay. */
  note(scopeId: string, version: number, position: Position): void {
    this.latest.delete(scopeId);
    this.latest.set(scopeId, { version, position });
    const [oldest] = this.latest.keys();
    if (this.latest.size > REMEMBERED && oldest !== undefined) this.latest.delete(oldest);
    for (const wake of this.waiting.get(scopeId) ?? []) wake();
  }

  /** The position of a record of this version of a scope or a later one; `null` when the signal aborts first. */
  async of(scopeId: string, version: number, signal: AbortSignal): Promise<Position | null> {
    for (;;) {
      const known = this.latest.get(scopeId);
      if (known && known.version >= version) return known.position;
      const stored = await this.stored(scopeId, version);
      if (stored || signal.aborted) return stored;
      await this.woken(scopeId, signal);
    }
  }

  private async stored(scopeId: string, version: number): Promise<Position | null> {
    const [row] = await this.db.query<{ partition: number; offset: string }[]>(FIND_PUBLISHED, [
      scopeId,
      version,
    ]);
    return row ? { partition: row.partition, offset: BigInt(row.offset) } : null;
  }

  private async woken(scopeId: string, signal: AbortSignal): Promise<void> {
    await abortedToo(signal, async (own) => {
      const wake = () => own.abort();
      const wakers = this.waiting.get(scopeId) ?? new Set();
      this.waiting.set(scopeId, wakers.add(wake));
      await pause(LOOK_EVERY_MS, own.signal);
      wakers.delete(wake);
      if (wakers.size === 0) this.waiting.delete(scopeId);
    });
  }
}
