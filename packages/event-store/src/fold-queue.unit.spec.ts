import { FoldQueue } from './fold-queue.ts';

interface Batch {
  readonly partition: number;
  readonly events: readonly unknown[];
}

const batch = (partition: number, records = 1): Batch => ({ partition, events: new Array(records) });

/** A fold that goes on when it is told to. */
class ManualFold {
  readonly groups: number[][] = [];
  private readonly ends: (() => void)[] = [];

  constructor(private readonly bad: number | null = null) {}

  readonly fold = async (batches: readonly Batch[]): Promise<void> => {
    const partitions = batches.map(({ partition }) => partition);
    this.groups.push(partitions);
    await new Promise<void>((resolve) => this.ends.push(resolve));
    if (this.bad !== null && partitions.includes(this.bad)) throw new Error('bad');
  };

  async end(): Promise<void> {
    this.ends.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('has batches that come while a transaction runs share the next one', async () => {
  const manual = new ManualFold();
  const queue = new FoldQueue(manual.fold);
  const told = [0, 1, 2].map((partition) => queue.fold(batch(partition)));
  expect(manual.groups).toEqual([[0]]);
  await manual.end();
  expect(manual.groups).toEqual([[0], [1, 2]]);
  await manual.end();
  await Promise.all(told);
});

it('keeps a transaction to so many records, but takes a batch that is larger by itself', async () => {
  const manual = new ManualFold();
  const queue = new FoldQueue(manual.fold);
  const told = [1, 3_000, 3_000, 9_000].map((records, partition) => queue.fold(batch(partition, records)));
  for (let i = 0; i < 4; i += 1) await manual.end();
  expect(manual.groups).toEqual([[0], [1], [2], [3]]);
  await Promise.all(told);
});

it('folds batches by themselves when one of them cannot be, and fails that one alone', async () => {
  const manual = new ManualFold(2);
  const queue = new FoldQueue(manual.fold);
  const [, good, bad, other] = [0, 1, 2, 3].map((partition) => queue.fold(batch(partition)));
  const failed = expect(bad).rejects.toThrow('bad');
  for (let i = 0; i < 5; i += 1) await manual.end();
  expect(manual.groups).toEqual([[0], [1, 2, 3], [1], [2], [3]]);
  await Promise.all([good, other, failed]);
});
