import { type Topic, topicName } from '@tollgate/contracts/topics';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { Logger } from '@tollgate/service-kit/log';
import type { Kafka } from 'kafkajs';
import type { BrokerAccess } from './broker-access.ts';
import { kafkajs } from './kafkajs.ts';

/**
 * Set everywhere: by default kafkajs gives up after six tries (10 s), which is shorter than a broker's restart.
 * With these a call goes on for about half a minute, and its caller decides what then.
 */
export const RETRY = { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 30 };

export interface ConnectionSettings {
  readonly brokers: string[];
  /** In the clear and without a name unless said. */
  readonly access?: BrokerAccess;
  readonly clientId: string;
  readonly topicPrefix: string;
  /** Sign and verify the signed topics; the first signs, all verify. */
  readonly eventKeys: readonly VersionedKey[];
  readonly logger: Logger;
}

/** Where the broker is and how this deployment names and signs there. */
export class KafkaConnection {
  readonly kafka: Kafka;
  readonly logger: Logger;
  readonly eventKeys: readonly VersionedKey[];
  readonly clientId: string;
  private readonly topicPrefix: string;

  constructor({ brokers, access, clientId, topicPrefix, eventKeys, logger }: ConnectionSettings) {
    this.logger = logger.child({ part: 'kafka' });
    this.eventKeys = eventKeys;
    this.clientId = clientId;
    this.topicPrefix = topicPrefix;
    this.kafka = new kafkajs.Kafka({
      clientId,
      brokers,
      ...access,
      connectionTimeout: 3_000,
      requestTimeout: 10_000,
      retry: RETRY,
      logLevel: kafkajs.logLevel.WARN,
      logCreator:
        () =>
        ({ level, log: { message, logger: _, timestamp: __, ...fields } }) =>
          level === kafkajs.logLevel.ERROR
            ? this.logger.warn(fields, message)
            : this.logger.debug(fields, message),
    });
  }

  topic(topic: Topic): string {
    return topicName(this.topicPrefix, topic);
  }

  /** A consumer group's name, apart for each deployment on the cluster. */
  group(name: string): string {
    return `${this.topicPrefix}.${name}`;
  }
}

/** `disconnect()` of kafkajs can hang on a dead socket; nobody waits for it longer than this. */
const DISCONNECT_DEADLINE_MS = 5_000;

export async function disconnectWithin(client: { disconnect(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DISCONNECT_DEADLINE_MS);
  });
  await Promise.race([client.disconnect().catch(() => undefined), deadline]);
  clearTimeout(timer);
}
