import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { main, runService } from '@tollgate/service-kit/bootstrap';
import { createLogger } from '@tollgate/service-kit/log';
import { startTracing } from '@tollgate/service-kit/tracing';
import { loadGatewayConfig } from './config.ts';
import { FrontDoor } from './front-door.ts';
import { GatewayModule } from './module.ts';
import { OwnLog } from './wal/own-log.ts';
import { isWorker, runWorkers } from './workers.ts';

const config = loadGatewayConfig(process.env);
const logger = createLogger('gateway', config.LOG_LEVEL);
const door = new FrontDoor({
  headersTimeout: config.TOLLGATE_HEADERS_TIMEOUT_MS,
  requestTimeout: config.TOLLGATE_REQUEST_TIMEOUT_MS,
});

const serve = async () => {
  const own = OwnLog.open({
    root: config.TOLLGATE_LOG_DIR,
    maxBytes: config.TOLLGATE_LOG_MAX_BYTES,
    worker: config.TOLLGATE_WORKER,
    workers: config.GATEWAY_WORKERS,
    instance: config.TOLLGATE_INSTANCE,
  });
  const tracing = await startTracing({
    service: 'gateway',
    instance: own.instance,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    logger,
  });
  return runService({
    name: 'gateway',
    module: GatewayModule.with(config, door, own, tracing?.tracer ?? null, logger),
    adapter: door.adapter,
    host: config.HOST,
    port: config.PORT,
    logger,
    shutdown: config,
    strategies: [KafkaBatchServer],
    tracing,
    // A request to `/readyz` would have every promise of the hot path followed from then on.
    logsRequestIds: false,
  });
};

if (isWorker(config.GATEWAY_WORKERS)) main('gateway', logger, serve);
else runWorkers(config.GATEWAY_WORKERS, logger);
