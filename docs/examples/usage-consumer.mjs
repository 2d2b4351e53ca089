// What each key has cost, from the events alone: KAFKA_BROKERS=localhost:9092 node docs/examples/usage-consumer.mjs
import { usageAdjusted, usageRecorded } from '@tollgate/contracts/events';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { topicName } from '@tollgate/contracts/topics';
import { Kafka, logLevel } from 'kafkajs';

const { KAFKA_BROKERS, TOLLGATE_TOPIC_PREFIX = 'tollgate', GROUP = 'usage-example' } = process.env;
const schemas = { 'tollgate.usage.recorded.v1': usageRecorded, 'tollgate.usage.adjusted.v1': usageAdjusted };
const counted = new Set(); // In a database of yours: a record may come twice, and is known by its id.
const costs = new Map();

const kafka = new Kafka({ brokers: KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: GROUP });
await consumer.connect();
const topics = ['usage', 'limit-events'].map((topic) => topicName(TOLLGATE_TOPIC_PREFIX, topic));
await consumer.subscribe({ topics, fromBeginning: true });
await consumer.run({
  async eachMessage({ message }) {
    const schema = schemas[message.headers.ce_type];
    if (!schema) return; // Other events are none of ours, and so are those of later versions.
    const { id, key_id, cost_usd } = schema.parse(JSON.parse(message.value.toString()));
    if (counted.has(id)) return;
    counted.add(id);
    // Money is counted in whole picodollars; `null` is a model without a price.
    const cost = (costs.get(key_id) ?? 0n) + parseUsd(cost_usd ?? '0');
    costs.set(key_id, cost);
    process.stdout.write(`${key_id} ${formatUsd(cost)}\n`);
  },
});
