import { startTestParts } from '@tollgate/dev-stack/test-parts';

/**
 * Jest's globalSetup: specs find one PostgreSQL and one Kafka for the whole run in DATABASE_URL and KAFKA_BROKERS.
 * A spec that kills its broker starts one of its own with `startKafka` of @tollgate/dev-stack/kafka.
 */
export default async function startParts() {
  // Two projects of one run share them.
  globalThis.tollgateTestParts ??= startTestParts(process.env);
  const { databaseUrl, brokers } = await globalThis.tollgateTestParts;
  process.env.DATABASE_URL = databaseUrl;
  process.env.KAFKA_BROKERS = brokers;
}
