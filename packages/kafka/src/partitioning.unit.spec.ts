import { kafkajs } from './kafkajs.ts';
import { Partitioning } from './partitioning.ts';

const partitionOf = kafkajs.Partitioners.DefaultPartitioner();
const byClient = (key: string, count: number): number =>
  partitionOf({
    topic: 'usage',
    partitionMetadata: Array.from({ length: count }, (_, partitionId) => ({ partitionId, leader: 1 })),
    message: { key, value: null },
  } as never);
const keys = Array.from({ length: 500 }, (_, index) => `key_${index * 7_919}`);

it.each([1, 12, 50])(
  'has a key in the partition that the client has it in, of %i, time and again',
  (count) => {
    const partitioning = new Partitioning(count);
    const expected = keys.map((key) => byClient(key, count));
    for (let time = 0; time < 2; time += 1) expect(keys.map((key) => partitioning.of(key))).toEqual(expected);
  },
);

it('goes on when it has more keys than it remembers', () => {
  const partitioning = new Partitioning(12, 100);
  for (const key of keys) expect(partitioning.of(key)).toBe(byClient(key, 12));
});
