import type { Topic } from '@tollgate/contracts/topics';
import type { Consumer } from 'kafkajs';
import type { KafkaConnection } from './connection.ts';
import { committedOffsets } from './offsets.ts';

/** Partition → offset of the next record to count, of those of which anything was counted. */
export type Progress = Readonly<Record<string, string>>;

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** Where a group goes on that does not leave its progress to the broker alone. */
export class GroupProgress {
  /** Resolves when the partitions of the latest assignment are where their progress says. */
  followed: Promise<void> = Promise.resolve();
  private readonly progress = new Map<Topic, () => Promise<Progress>>();

  constructor(
    private readonly connection: KafkaConnection,
    private readonly consumer: Consumer,
    private readonly group: string,
    private readonly isClosed: () => boolean,
  ) {}

  /**
   * Whoever keeps the progress on a topic in a database is the one to say where the group goes on, each time that it
   * joins: a database that was restored from a backup is behind what the group has committed.
   */
  goOnAt(topic: Topic, progress: () => Promise<Progress>): void {
    this.progress.set(topic, progress);
  }

  /** A member has joined, and has these partitions. */
  joined(assignment: Record<string, number[]>): void {
    if (this.progress.size > 0) this.followed = this.follow(assignment);
  }

  /** Goes back where the group has committed more than the progress says. Nothing is handed over before. */
  private async follow(assignment: Record<string, number[]>): Promise<void> {
    for (let pause = FIRST_RETRY_MS; !this.isClosed(); pause = Math.min(pause * 2, LAST_RETRY_MS)) {
      try {
        for (const [topic, read] of this.progress) {
          const partitions = assignment[this.connection.topic(topic)] ?? [];
          const committed = await committedOffsets(this.connection, this.group, topic);
          this.goBack(topic, committed, await read(), partitions);
        }
        return;
      } catch (error) {
        this.connection.logger.error({ err: error }, 'where to go on is not known yet; it is asked again');
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  private goBack(
    topic: Topic,
    committed: ReadonlyMap<number, bigint>,
    progress: Progress,
    partitions: readonly number[],
  ): void {
    for (const partition of partitions) {
      const from = committed.get(partition) ?? 0n;
      const to = BigInt(progress[partition] ?? 0);
      if (from <= to) continue;
      this.connection.logger.warn(
        { topic, partition, from: String(from), to: String(to) },
        'the group is ahead of what was counted; it goes back',
      );
      this.consumer.seek({ topic: this.connection.topic(topic), partition, offset: String(to) });
    }
  }
}
