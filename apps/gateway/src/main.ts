import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { main, runService } from '@tollgate/service-kit/bootstrap';
import { createLogger } from '@tollgate/service-kit/log';
import { loadGatewayConfig } from './config.ts';
import { FrontDoor } from './front-door.ts';
import { GatewayModule } from './module.ts';

const config = loadGatewayConfig(process.env);
const logger = createLogger('gateway', config.LOG_LEVEL);
const door = new FrontDoor();

main('gateway', logger, () =>
  runService({
    name: 'gateway',
    module: GatewayModule.with(config, door, logger),
    adapter: door.adapter,
    host: config.HOST,
    port: config.PORT,
    logger,
    strategies: [KafkaBatchServer],
  }),
);
