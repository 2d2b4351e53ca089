import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningKafka, startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';
import type { ServiceProcess } from '@tollgate/dev-stack/service-process';
import { eventually } from '@tollgate/testing/eventually';
import { RunningMetering } from './running-metering.ts';

/** Each takes the 10 s after which a group gives up a member that is gone: more of them are for when there is time. */
const KILLS = Number(process.env['TOLLGATE_SPEC_KILLS'] ?? 5);
const CUTS = 8;
const BATCH = 100;
/** Records that are sent and not counted: enough that a fault always meets some. */
const MOST_WAITING = 1_000;
/** Longer than the consumer's session (10 s): the partitions go to another. */
const SESSION_MS = 10_000;

/** What metering says it did with the usage topic since it started. */
async function usageMetrics(service: ServiceProcess) {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const sample = (name: string, label: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{${label}="(\\w+)"\\} (\\d+)$`, 'gm'))].map(
      ([, value, count]) => [value!, Number(count)] as const,
    );
  const of = (name: string) => new Map(sample(name, 'topic')).get('usage') ?? 0;
  return {
    dead: of('tollgate_dead_letters_total'),
    consumed: of('tollgate_records_consumed_total'),
    outcomes: Object.fromEntries(sample('tollgate_usage_records_total', 'outcome')),
  };
}

describe('under load, metering counts every record once', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'metering-faults-'));
  let place: { dataDir: string; port: number; controllerPort: number; log: () => void };
  let broker: RunningKafka;
  let metering: RunningMetering;
  let service: ServiceProcess;
  let loading = false;
  let load: Promise<void>;

  beforeAll(async () => {
    place = { dataDir, port: await freePort(), controllerPort: await freePort(), log: () => undefined };
    broker = await startKafka(place);
    metering = await RunningMetering.prepare('faults', broker.brokers);
    service = await metering.start();
  }, 180_000);
  afterAll(async () => {
    await service?.kill();
    await metering?.close();
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  beforeEach(async () => {
    if (!service.running) service = await metering.start();
    loading = true;
    load = (async () => {
      while (loading) {
        await metering.use(BATCH);
        await eventually(async () => expect(await metering.waiting()).toBeLessThan(MOST_WAITING), {
          within_ms: 60_000,
        });
      }
    })();
  });

  const grows = async () => {
    const before = await metering.counted();
    await eventually(async () => expect(await metering.counted()).not.toEqual(before), {
      within_ms: 60_000,
      every_ms: 5,
    });
  };
  const nothingLostOrDoubled = async (within_ms: number) => {
    loading = false;
    await load;
    const tookMs = await eventually(async () => expect(await metering.counted()).toEqual(metering.expected), {
      within_ms,
    });
    return { records: metering.sent.size, tookMs: Math.round(tookMs) };
  };

  it(
    `over ${KILLS} kills of its process`,
    async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await grows();
        await service.kill();
        service = await metering.start();
      }
      console.log(`${KILLS} kills:`, await nothingLostOrDoubled(60_000));
    },
    60_000 * KILLS,
  );

  it('when it is paused beyond its session, another takes over, and it is revived', async () => {
    await grows();
    process.kill(service.pid, 'SIGSTOP');
    const pausedMs = performance.now();
    const other = await metering.start();
    try {
      // The other one gets the partitions when the session of the first is over.
      await eventually(() => expect(performance.now() - pausedMs).toBeGreaterThan(SESSION_MS * 1.2), {
        within_ms: SESSION_MS * 2,
      });
      await grows();
      process.kill(service.pid, 'SIGCONT');
      await grows();
      console.log('paused and revived:', await nothingLostOrDoubled(60_000));
      expect(service.running).toBe(true);
    } finally {
      await other.stop();
    }
  }, 180_000);

  it('while its connections to PostgreSQL are cut again and again, without ending', async () => {
    for (let cut = 0; cut < CUTS; cut += 1) {
      await grows();
      await metering.db.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name LIKE 'metering%'`,
      );
    }
    console.log(`${CUTS} cuts:`, await nothingLostOrDoubled(30_000));
    expect(service.running).toBe(true);
  }, 180_000);

  it('when the broker is killed and comes back', async () => {
    await grows();
    await broker.kill();
    // Who waited for the broker here would take every figure with it: Prometheus gives a scrape up after 10 s.
    const scraped = await fetch(`${service.url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    expect(await scraped.text()).toMatch(/^tollgate_usage_lag_records NaN$/im);
    broker = await startKafka(place);
    await grows();
    console.log('broker killed:', await nothingLostOrDoubled(60_000));
    expect(service.running).toBe(true);
  }, 180_000);

  it('with one record in a hundred that nobody can read, which goes to the dead letters', async () => {
    const producer = metering.connection.kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    const bad = Array.from({ length: 50 }, (_, i) => ({
      key: `key_${i % 13}`,
      value: i % 2 ? 'not json' : '{}',
    }));
    for (const message of bad) {
      await metering.use(99);
      await producer.send({ topic: metering.connection.topic('usage'), messages: [message] });
    }
    await producer.disconnect();
    await metering.refuse(30);
    console.log('bad records:', await nothingLostOrDoubled(60_000));
    // Partitions are apart: the ledger may be whole before the last bad record was looked at.
    await eventually(async () => {
      const { dead, consumed, outcomes } = await usageMetrics(service);
      expect(dead).toBe(bad.length);
      expect(outcomes['ignored']).toBe(30);
      expect(outcomes['recorded']).toBeGreaterThan(0);
      const accounted = Object.values(outcomes).reduce((sum, count) => sum + count, dead);
      expect(accounted).toBe(consumed);
    });
  }, 120_000);
});
