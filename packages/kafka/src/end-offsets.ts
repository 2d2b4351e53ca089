import type { Topic } from '@tollgate/contracts/topics';
import type { Admin } from 'kafkajs';
import { disconnectWithin, type KafkaConnection } from './connection.ts';
import { fetchOffsets } from './offsets.ts';

/** Which offsets of a partition the broker has: [start, end). */
export interface Extent {
  readonly start: bigint;
  readonly end: bigint;
}

/** How many records of a topic a reader has before it. @param next partition → where it goes on; else from the first */
export function lagOf(extents: ReadonlyMap<number, Extent>, next: Readonly<Record<string, string>>): bigint {
  let lag = 0n;
  for (const [partition, { start, end }] of extents) {
    const said = BigInt(next[partition] ?? start);
    const from = said > start ? said : start;
    if (end > from) lag += end - from;
  }
  return lag;
}

/** Asks the broker how far topics reach, over a connection that is opened by the first question. */
export class EndOffsets {
  private admin: Promise<Admin> | undefined;

  constructor(private readonly connection: KafkaConnection) {}

  /** By partition. */
  async of(topic: Topic): Promise<Map<number, Extent>> {
    this.admin ??= this.connect();
    try {
      const offsets = await fetchOffsets(await this.admin, this.connection.topic(topic));
      return new Map(offsets.map(({ partition, start, high }) => [partition, { start, end: high }]));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = await this.admin?.catch(() => undefined);
    this.admin = undefined;
    if (admin) await disconnectWithin(admin);
  }

  private async connect(): Promise<Admin> {
    const admin = this.connection.kafka.admin();
    await admin.connect();
    return admin;
  }
}
