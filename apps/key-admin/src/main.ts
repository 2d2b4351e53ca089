import { KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { fastifyAdapter, main, runService } from '@tollgate/service-kit/bootstrap';
import { createLogger } from '@tollgate/service-kit/log';
import { loadKeyAdminConfig } from './config.ts';
import { KeyAdminModule } from './module.ts';
import { WEBHOOKS_SERVER } from './webhooks/webhook-parts.ts';

const config = loadKeyAdminConfig(process.env);
const logger = createLogger('key-admin', config.LOG_LEVEL);

main('key-admin', logger, () =>
  runService({
    name: 'key-admin',
    module: KeyAdminModule.with(config, logger),
    adapter: fastifyAdapter({ trustProxy: config.TOLLGATE_TRUSTED_PROXIES }),
    host: config.HOST,
    port: config.PORT,
    logger,
    shutdown: config,
    strategies: [KafkaBatchServer, WEBHOOKS_SERVER],
  }),
);
