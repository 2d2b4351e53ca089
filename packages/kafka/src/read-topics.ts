import type { Topic } from '@tollgate/contracts/topics';
import { type Batch, KafkaBatchServer } from './batch-server.ts';
import type { KafkaConnection } from './connection.ts';
import { Publisher } from './publisher.ts';

/** Reads topics from the beginning to where they end when it starts: each partition in order. */
export async function readTopics(
  connection: KafkaConnection,
  handlers: Readonly<Partial<Record<Topic, (batch: Batch) => void | Promise<void>>>>,
): Promise<void> {
  const publisher = new Publisher(connection);
  await publisher.connect();
  const server = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'operate' });
  try {
    for (const [topic, handle] of Object.entries(handlers)) {
      server.addHandler(topic, async (batch: Batch) => handle(batch), true);
    }
    await new Promise<void>((resolve, reject) => {
      void server.listen((error) => (error ? reject(error) : resolve()));
    });
    await server.caughtUp;
  } finally {
    await server.close();
    await publisher.disconnect();
  }
}
