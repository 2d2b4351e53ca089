import { kafkajs } from './kafkajs.ts';

const MOST_KEYS = 100_000;

/**
 * Which of a topic's partitions a key's records are in. The client works it out in 64-bit integers of its own making,
 * several µs and KiB for each key, and a few keys have most of the records: so it is remembered.
 */
export class Partitioning {
  private readonly murmur = kafkajs.Partitioners.DefaultPartitioner();
  private readonly metadata: { partitionId: number; leader: number }[];
  private readonly known = new Map<string, number>();

  /**
   * @param count of the topic's partitions
   * @param mostKeys that are remembered; when there are more, all are forgotten
   */
  constructor(
    count: number,
    private readonly mostKeys = MOST_KEYS,
  ) {
    this.metadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 0 }));
  }

  of(key: string): number {
    let partition = this.known.get(key);
    if (partition === undefined) {
      const message = { key, value: null };
      partition = this.murmur({ topic: '', partitionMetadata: this.metadata, message } as never);
      if (this.known.size >= this.mostKeys) this.known.clear();
      this.known.set(key, partition);
    }
    return partition;
  }
}
