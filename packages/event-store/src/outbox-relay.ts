import type { Topic } from '@tollgate/contracts/topics';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import type { Position, Publisher } from '@tollgate/kafka/publisher';
import type { Logger } from '@tollgate/service-kit/log';
import { pause } from '@tollgate/service-kit/pause';
import type { DataSource, EntityManager } from 'typeorm';
import { heartbeats } from './heartbeat.ts';
import { LeaderSession } from './leader-session.ts';
import { type OutboxRow, toOutgoing } from './outbox.ts';
import { DELETE_PUBLISHED } from './sql/delete-published.ts';
import { SELECT_OLDEST } from './sql/select-oldest.ts';

export interface Published {
  readonly record: OutgoingRecord;
  readonly position: Position;
}

export type RelayState = 'connecting' | 'following' | 'leading' | 'stopped';

export interface RelaySettings {
  readonly dataSource: DataSource;
  readonly publisher: Publisher;
  readonly logger: Logger;
  /** Gets a heartbeat on each partition every second from the relay that leads. */
  readonly heartbeatTopic?: Topic;
  /** Runs in the transaction that deletes the rows: what is written here is committed once per row. */
  readonly onPublished?: (em: EntityManager, published: readonly Published[]) => Promise<void>;
  /**
   * Another relay had published these records before this one did, so an old record may be the last of its key on
   * the topic. Whoever writes to a compacted topic queues the keys' current records again.
   */
  readonly onOvertaken?: (em: EntityManager, records: readonly OutgoingRecord[]) => Promise<void>;
  readonly onState?: (state: RelayState) => void;
}

const BATCH_ROWS = 1_000;
/** A notification can be lost with its connection; rows are looked for this often anyway. */
const LOOK_EVERY_MS = 1_000;
const HEARTBEAT_EVERY_MS = 1_000;
const RECONNECT_AFTER_MS = 500;

/**
 * Publishes the outbox of one database, oldest first, each row at least once. Any number of relays may run: one
 * leads, by a lock that lives as long as its connection, and the others take over when that ends.
 *
 * connecting → following → leading → (connection lost: connecting) … → stopped
 *
 * Rows are deleted when they are durable. There is no cursor, so a row that commits late with an early position is
 * only published late, never skipped.
 */
export class OutboxRelay {
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private current: RelayState = 'stopped';

  constructor(private readonly settings: RelaySettings) {}

  get state(): RelayState {
    return this.current;
  }

  start(): void {
    this.running ??= this.run();
  }

  /** Resolves when the batch in flight is settled and the lock is free. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private enter(state: RelayState): void {
    this.current = state;
    this.settings.onState?.(state);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      this.enter('connecting');
      try {
        await this.serve();
      } catch (error) {
        if (signal.aborted) break;
        this.settings.logger.warn({ err: error }, 'the outbox relay lost its way; it starts again');
      }
      await pause(RECONNECT_AFTER_MS, signal);
    }
    this.enter('stopped');
  }

  /** One session's life, from its connection to its end. */
  private async serve(): Promise<void> {
    const session = await LeaderSession.open(...connectionOf(this.settings.dataSource));
    const signal = AbortSignal.any([this.stopping.signal, session.lost]);
    try {
      this.enter('following');
      if (!(await session.lead(signal))) return;
      this.enter('leading');
      await allOrNone(signal, [(alive) => this.drain(session, alive), (alive) => this.beat(alive)]);
    } finally {
      await session.close();
    }
  }

  private async drain(session: LeaderSession, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const rows = await session.rows<OutboxRow>(SELECT_OLDEST, [BATCH_ROWS]);
      if (rows.length === 0) {
        await session.woken(LOOK_EVERY_MS, signal);
        continue;
      }
      const records = rows.map(toOutgoing);
      const positions = await this.settings.publisher.publish(records);
      await this.settle(rows, records, positions);
    }
  }

  private async settle(rows: OutboxRow[], records: OutgoingRecord[], positions: Position[]): Promise<void> {
    const { dataSource, onPublished, onOvertaken, logger } = this.settings;
    await dataSource.transaction(async (em) => {
      const deleted: { position: string }[] = await em.query(DELETE_PUBLISHED, [
        rows.map(({ position }) => position),
      ]);
      const ours = new Set(deleted.map(({ position }) => position));
      const published = records.flatMap((record, i) =>
        ours.has(rows[i]!.position) ? [{ record, position: positions[i]! }] : [],
      );
      if (published.length > 0) await onPublished?.(em, published);
      if (published.length === records.length) return;
      logger.warn(
        { records: records.length - published.length },
        'another relay published these records too',
      );
      await onOvertaken?.(
        em,
        records.filter((_, i) => !ours.has(rows[i]!.position)),
      );
    });
  }

  private async beat(signal: AbortSignal): Promise<void> {
    const { heartbeatTopic, publisher } = this.settings;
    if (!heartbeatTopic) return;
    while (!signal.aborted) {
      const partitions = publisher.partitionCount(heartbeatTopic);
      await publisher.publishTo(heartbeats(heartbeatTopic, partitions, Date.now()));
      await pause(HEARTBEAT_EVERY_MS, signal);
    }
  }
}

/** Runs activities together: when one fails the others are told to end, and its error is thrown once they have. */
async function allOrNone(
  signal: AbortSignal,
  activities: ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failed = new AbortController();
  const alive = AbortSignal.any([signal, failed.signal]);
  const ends = await Promise.allSettled(
    activities.map(async (activity) => {
      try {
        await activity(alive);
      } catch (error) {
        failed.abort();
        throw error;
      }
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function connectionOf({ options }: DataSource): [url: string, applicationName: string] {
  if (options.type !== 'postgres' || options.url === undefined) {
    throw new TypeError('the outbox relay needs a data source with the URL of a PostgreSQL database');
  }
  return [options.url, `${options.applicationName ?? 'tollgate'} outbox relay`];
}
