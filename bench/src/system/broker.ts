import { join } from 'node:path';
import { type RunningKafka, startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';

/** A Kafka broker on free ports, its data in `folder`. */
export const startBroker = async (folder: string): Promise<RunningKafka> =>
  startKafka({
    dataDir: join(folder, 'kafka'),
    port: await freePort(),
    controllerPort: await freePort(),
    log: () => {},
    env: process.env,
  });
