import type { OnModuleDestroy } from '@nestjs/common';
import type { StreamMeter } from '@tollgate/contracts/stream-http';
import type { Logger } from '@tollgate/service-kit/log';
import { pause } from '@tollgate/service-kit/pause';
import type { DataSource } from 'typeorm';
import type { MeteringClient } from '../metering-client.ts';
import type { ScopeMeter } from '../usage/scope-meter.ts';
import { readScopes } from './sql/read-scopes.ts';
import type { Stream } from './stream.ts';

/** Half of what a reader may wait for a figure after it was counted. */
const EVERY_MS = 500;

interface Known {
  readonly told: StreamMeter;
  /** What of it a reader would call a change: all but when it was asked for. */
  readonly figures: string;
}

interface Parts {
  readonly db: DataSource;
  readonly metering: MeteringClient;
  readonly scopeMeter: ScopeMeter;
  readonly logger: Logger;
}

/**
 * Tells streams the meters that they watch: all of them are asked for together, and those that changed are told.
 *
 * idle → asking (again and again, while anybody watches) → idle … → stopped
 */
export class LiveMeters implements OnModuleDestroy {
  /** Of each stream, what of each scope it was told last. */
  private readonly watching = new Map<Stream, Map<string, Known>>();
  private known = new Map<string, Known>();
  private live = true;
  private asking: Promise<void> | undefined;
  private wake = new AbortController();
  private stopped = false;

  constructor(private readonly parts: Parts) {}

  /** Tells a stream what it watches, at once and from now on. */
  watch(stream: Stream): void {
    if (stream.watched.length === 0) return;
    this.watching.set(stream, new Map());
    stream.onClose(() => this.watching.delete(stream));
    if (!this.live) stream.send('meters', { live: false });
    this.tell(stream);
    this.wake.abort();
    this.asking ??= this.ask();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    this.wake.abort();
    await this.asking;
  }

  private async ask(): Promise<void> {
    while (this.watching.size > 0 && !this.stopped) {
      this.wake = new AbortController();
      const start = performance.now();
      await this.round().then(
        () => this.goesOn(true),
        (error: unknown) => this.goesOn(false, error),
      );
      const tookMs = performance.now() - start;
      // However much is watched, and however often someone comes: metering is asked at most half of the time.
      await pause(tookMs, NEVER);
      await pause(EVERY_MS - 2 * tookMs, this.wake.signal);
    }
    this.known.clear();
    this.asking = undefined;
  }

  private async round(): Promise<void> {
    const { db, metering, scopeMeter } = this.parts;
    const ids = [...new Set([...this.watching.keys()].flatMap(({ watched }) => watched))];
    const [scopes, meters] = await Promise.all([readScopes(db, ids, null), metering.meters(ids)]);
    const used = new Map(meters.map((answer) => [answer.meter.scope_id, answer]));
    const known = new Map<string, Known>();
    for (const scope of scopes) {
      const answer = used.get(scope.id);
      if (!answer) continue;
      const meter = scopeMeter.shown(scope, answer.meter);
      const { last_used_at } = answer;
      const figures = JSON.stringify([{ ...meter, as_of: null }, last_used_at]);
      const before = this.known.get(scope.id);
      const told = { scope_id: scope.id, meter, last_used_at };
      known.set(scope.id, before?.figures === figures ? before : { told, figures });
    }
    this.known = known;
    for (const stream of this.watching.keys()) this.tell(stream);
  }

  /** A stream that is behind gets only the last of what changes meanwhile. */
  private tell(stream: Stream): void {
    const told = this.watching.get(stream)!;
    for (const id of stream.watched) {
      const known = this.known.get(id);
      if (!known || known === told.get(id)) continue;
      if (stream.isBehind) return;
      stream.send('meter', known.told);
      told.set(id, known);
    }
  }

  private goesOn(live: boolean, error?: unknown): void {
    if (live === this.live) return;
    this.live = live;
    if (!live)
      this.parts.logger.warn(
        { err: error },
        'meters cannot be asked for; streams tell that they stand still',
      );
    for (const stream of this.watching.keys()) stream.send('meters', { live });
  }
}

const NEVER = new AbortController().signal;
