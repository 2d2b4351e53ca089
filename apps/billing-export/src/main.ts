import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { main, runService } from '@tollgate/service-kit/bootstrap';
import { createLogger } from '@tollgate/service-kit/log';
import { loadBillingConfig } from './config.ts';
import { BillingModule } from './module.ts';

const config = loadBillingConfig(process.env);
const logger = createLogger('billing-export', config.LOG_LEVEL);

main('billing-export', logger, () =>
  runService({
    name: 'billing-export',
    module: BillingModule.with(config, logger),
    host: config.HOST,
    port: config.PORT,
    logger,
    shutdown: config,
    strategies: [KafkaBatchServer],
  }),
);
