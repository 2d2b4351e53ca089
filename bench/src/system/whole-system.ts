import { join } from 'node:path';
import { createDatabases } from '@tollgate/dev-stack/databases';
import { freePort } from '@tollgate/dev-stack/ports';
import { startPostgres } from '@tollgate/dev-stack/postgres';
import { generateSecrets } from '@tollgate/dev-stack/secrets';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { systemServices } from '@tollgate/dev-stack/services';
import { PROBE_ARGS } from '../probed.ts';
import { AdminApi } from './admin-api.ts';
import { startBroker } from './broker.ts';
import { dataFolder } from './data-folder.ts';

export interface WholeSystem {
  readonly admin: AdminApi;
  readonly gateways: readonly ServiceProcess[];
  readonly metering: ServiceProcess;
  /** Key-admin's database. */
  readonly keyAdminUrl: string;
  stop(): Promise<void>;
}

export interface WholeSystemOptions {
  /** Where the gateways find the provider. */
  readonly providerPort: number;
  readonly gateways: number;
  readonly onStage: (stage: string) => void;
}

/**
 * Everything as in production, on loopback: PostgreSQL and Kafka with their usual durability, key-admin, metering
 * and gateways from their `dist`. The gateways carry a probe that idles until it is asked.
 */
export async function startWholeSystem(options: WholeSystemOptions): Promise<WholeSystem> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    return { ...(await start(options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  { providerPort, gateways, onStage }: WholeSystemOptions,
  stops: (() => Promise<unknown>)[],
): Promise<Omit<WholeSystem, 'stop'>> {
  const folder = dataFolder();
  onStage('PostgreSQL and Kafka');
  const postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    port: await freePort(),
    log: () => {},
  });
  stops.push(() => postgres.stop());
  const kafka = await startBroker(folder);
  stops.push(() => kafka.stop());

  onStage('key-admin, metering and gateways');
  const secrets = generateSecrets();
  const databases = await createDatabases({ adminUrl: postgres.url, ...secrets });
  const ports = {
    'fake-provider': providerPort,
    metering: await freePort(),
    'key-admin': await freePort(),
    gateway: await freePort(),
    'billing-export': 0,
  };
  const env = { LOG_LEVEL: 'warn' };
  const services = systemServices({
    secrets,
    databases,
    brokers: kafka.brokers,
    ports,
    upstream: 'fake',
    stateDir: folder,
    env,
  });
  const startGateway = async (index: number) => {
    const port = await freePort();
    const gateway = await startService({
      ...services.gateway,
      env: {
        ...services.gateway.env,
        PORT: String(port),
        TOLLGATE_INSTANCE: `bench-${index}`,
        TOLLGATE_LOG_DIR: join(folder, `gateway-${index}`),
      },
      readyUrl: `http://127.0.0.1:${port}/readyz`,
      nodeArgs: [...(services.gateway.nodeArgs ?? []), ...PROBE_ARGS],
      ipc: true,
    });
    stops.push(() => gateway.stop());
    return gateway;
  };
  const startOne = async (name: 'metering' | 'key-admin') => {
    const service = await startService(services[name]);
    stops.push(() => service.stop());
    return service;
  };
  const metering = await startOne('metering');
  await startOne('key-admin');
  return {
    metering,
    keyAdminUrl: databases.keyAdmin,
    admin: new AdminApi(`http://127.0.0.1:${ports['key-admin']}`, secrets.adminKey),
    gateways: await Promise.all(Array.from({ length: gateways }, (_, index) => startGateway(index))),
  };
}
