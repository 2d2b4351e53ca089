import { type DynamicModule, Module } from '@nestjs/common';
import type { VersionedKey } from '@tollgate/service-kit/config';
import { Readiness } from '@tollgate/service-kit/health';
import type { Logger } from '@tollgate/service-kit/log';
import { type Audience, KafkaBatchServer } from './batch-server.ts';
import { type BrokerConfig, brokerAccess } from './broker-access.ts';
import { type ConnectionSettings, KafkaConnection } from './connection.ts';
import { provisionTopics } from './provision.ts';
import { Publisher } from './publisher.ts';

/** What every service's configuration has of Kafka. */
interface KafkaConfig extends BrokerConfig {
  readonly KAFKA_BROKERS: string[];
  readonly TOLLGATE_TOPIC_PREFIX: string;
  readonly TOLLGATE_EVENT_KEYS: readonly VersionedKey[];
}

export const kafkaSettings = (clientId: string, config: KafkaConfig, logger: Logger): ConnectionSettings => ({
  brokers: config.KAFKA_BROKERS,
  access: brokerAccess(config),
  clientId,
  topicPrefix: config.TOLLGATE_TOPIC_PREFIX,
  eventKeys: config.TOLLGATE_EVENT_KEYS,
  logger,
});

/** A service's one connection to the broker, with its topics in place, one publisher and one batch server. */
@Module({})
export class KafkaModule {
  static connect(options: ConnectionSettings, audience: Audience): DynamicModule {
    return {
      module: KafkaModule,
      global: true,
      providers: [
        {
          provide: KafkaConnection,
          inject: [Readiness],
          useFactory: async (readiness: Readiness) => {
            const topics = readiness.gate('topics', 'not provisioned');
            const connection = new KafkaConnection(options);
            await provisionTopics(connection);
            topics.open();
            return connection;
          },
        },
        {
          provide: Publisher,
          inject: [KafkaConnection],
          useFactory: async (connection: KafkaConnection) => {
            const publisher = new Publisher(connection);
            await publisher.connect();
            return publisher;
          },
        },
        {
          provide: KafkaBatchServer,
          inject: [KafkaConnection, Publisher],
          useFactory: (connection: KafkaConnection, publisher: Publisher) =>
            new KafkaBatchServer(connection, publisher, audience),
        },
      ],
      exports: [KafkaConnection, Publisher, KafkaBatchServer],
    };
  }
}
