import { TOPIC_NAMES, type Topic } from '@tollgate/contracts/topics';
import type { KafkaConnection } from '@tollgate/kafka/connection';
import { type DeadLetter, readDeadLetters, replayDeadLetters } from '@tollgate/kafka/dead-letters';
import { addPartitions } from '@tollgate/kafka/partitions';
import type { Command } from './command.ts';

const MOST_LETTERS = 1_000;
/** Each is a position in every meter that gateways read. */
const MOST_PARTITIONS = 256;

export const onTopics: Readonly<Record<string, Command<KafkaConnection>>> = {
  async 'dead-letters'(kafka, _values, [topic, ...places]) {
    const letters = await readDeadLetters(kafka, knownTopic(topic), MOST_LETTERS);
    if (places.length === 0) return letters.map(inShort);
    return chosen(letters, places).map((letter) => ({
      ...inShort(letter),
      headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, `${value}`])),
      value: letter.value?.toString() ?? null,
    }));
  },
  async repartition(kafka, { partitions, apply }) {
    const count = Number(partitions);
    if (!Number.isInteger(count) || count < 1 || count > MOST_PARTITIONS)
      throw new Error(`--partitions must be a whole number from 1 to ${MOST_PARTITIONS}`);
    return { ...(await addPartitions(kafka, 'usage', count, apply === true)), applied: apply === true };
  },
  async replay(kafka, _values, [topic, ...places]) {
    if (places.length === 0) throw new Error('name the places of the records to replay, or "all"');
    const name = knownTopic(topic);
    const letters = chosen(await readDeadLetters(kafka, name, MOST_LETTERS), places);
    await replayDeadLetters(kafka, name, letters);
    return { replayed: letters.map(({ place }) => place) };
  },
};

function knownTopic(name = ''): Topic {
  const topic = TOPIC_NAMES.find((known) => known === name);
  if (!topic) throw new Error(`there is no topic "${name}"; name one of ${TOPIC_NAMES.join(', ')}`);
  return topic;
}

function chosen(letters: readonly DeadLetter[], places: readonly string[]): DeadLetter[] {
  if (places.length === 1 && places[0] === 'all') return [...letters];
  return places.map((place) => {
    const letter = letters.find((one) => one.place === place);
    if (!letter) throw new Error(`there is no dead letter at ${place}; leave the places out to see them all`);
    return letter;
  });
}

const inShort = ({ place, diedAtMs, reason, consumer, partition, offset, key }: DeadLetter) => ({
  place,
  died_at: new Date(diedAtMs).toISOString(),
  key: key?.toString() ?? null,
  reason,
  consumer,
  was_at: `${partition}/${offset}`,
});
