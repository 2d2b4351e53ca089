import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningKafka, startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';
import { commonSettings, readConfig } from '@tollgate/service-kit/config';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { z } from 'zod';
import { type Batch, KafkaBatchServer } from './batch-server.ts';
import { KafkaConnection } from './connection.ts';
import { kafkaSettings } from './kafka-module.ts';
import { provisionTopics } from './provision.ts';
import { Publisher } from './publisher.ts';

const STORE_PASSWORD = 'store-password';
const USER = { username: 'gateway', password: 'a-long-password' };

describe('a broker with TLS and SASL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-secure-'));
  const keystore = join(folder, 'broker.p12');
  let broker: RunningKafka;
  let securePort: number;

  const keytool = (...args: string[]) =>
    execFileSync(
      'keytool',
      [...args, '-alias', 'kafka', '-keystore', keystore, '-storepass', STORE_PASSWORD],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
        encoding: 'utf8',
      },
    );

  beforeAll(async () => {
    const name = ['-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1', '-validity', '2'];
    keytool('-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12', ...name);
    writeFileSync(join(folder, 'ca.pem'), keytool('-exportcert', '-rfc'));
    writeFileSync(join(folder, 'password'), `${USER.password}\n`);
    securePort = await freePort();
    broker = await startKafka({
      dataDir: join(folder, 'kafka'),
      port: await freePort(),
      controllerPort: await freePort(),
      log: () => {},
      secure: { port: securePort, keystore, keystorePassword: STORE_PASSWORD, ...USER },
    });
  }, 180_000);
  afterAll(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A service's connection, by the settings that an operator makes. */
  const connect = (overrides: Record<string, string | undefined> = {}) => {
    const config = readConfig('spec', z.object(commonSettings), {
      KAFKA_BROKERS: `127.0.0.1:${securePort}`,
      TOLLGATE_EVENT_KEYS: `1:${'ab'.repeat(32)}`,
      KAFKA_SSL: 'true',
      KAFKA_SSL_CA_FILE: join(folder, 'ca.pem'),
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
      KAFKA_SASL_USERNAME: USER.username,
      KAFKA_SASL_PASSWORD_FILE: join(folder, 'password'),
      ...overrides,
    });
    return new KafkaConnection(kafkaSettings('spec', config, createLogger('spec', 'silent')));
  };
  /** Asks once, without the patience of services. */
  const ask = async (connection: KafkaConnection) => {
    const admin = connection.kafka.admin({ retry: { retries: 0 } });
    await admin.connect().finally(() => admin.disconnect());
  };

  it('carries what is published to who reads, certificates and passwords coming from files', async () => {
    const connection = connect();
    await provisionTopics(connection);
    const publisher = new Publisher(connection);
    await publisher.connect();
    const read: string[] = [];
    const server = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
    server.addHandler('keys', async ({ events }: Batch) => {
      for (const { event } of events) read.push(event.id);
    });
    await server.listen(() => undefined);
    const headers = { ce_id: 'evt_1', ce_source: '/spec', ce_type: 'tollgate.heartbeat.v1' };
    const times = { ce_time: new Date().toISOString(), ce_subject: 'spec' };
    const value = Buffer.from('{}');
    await publisher.publish([{ topic: 'keys', key: '~hb/0', headers: { ...headers, ...times }, value }]);
    await eventually(() => expect(read).toEqual(['evt_1']));
    await server.close();
    await publisher.disconnect();
  }, 180_000);

  it('is not believed where nobody vouches for it', async () => {
    await eventually(() =>
      expect(ask(connect({ KAFKA_SSL_CA_FILE: undefined }))).rejects.toThrow('self-signed certificate'),
    );
  });

  it('lets nobody in with a wrong password', async () => {
    const wrong = connect({ KAFKA_SASL_PASSWORD_FILE: undefined, KAFKA_SASL_PASSWORD: 'wrong' });
    await eventually(() => expect(ask(wrong)).rejects.toThrow(/authentication failed/i));
  });
});
