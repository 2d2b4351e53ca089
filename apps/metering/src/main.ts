import { LARGEST_PROVIDER_EXPORT } from '@tollgate/contracts/operations-http';
import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { main, runService } from '@tollgate/service-kit/bootstrap';
import { createLogger } from '@tollgate/service-kit/log';
import { startTracing } from '@tollgate/service-kit/tracing';
import { loadMeteringConfig } from './config.ts';
import { MeteringModule } from './module.ts';

const config = loadMeteringConfig(process.env);
const logger = createLogger('metering', config.LOG_LEVEL);

main('metering', logger, async () => {
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const tracing = await startTracing({ service: 'metering', endpoint, logger });
  return runService({
    name: 'metering',
    module: MeteringModule.with(config, tracing?.tracer ?? null, logger),
    host: config.HOST,
    port: config.PORT,
    logger,
    shutdown: config,
    // Providers' exports come whole; its callers are the deployment's own.
    bodyLimitBytes: 2 * LARGEST_PROVIDER_EXPORT,
    strategies: [KafkaBatchServer],
    tracing,
  });
});
