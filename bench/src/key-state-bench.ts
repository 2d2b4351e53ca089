import { freePort } from '@tollgate/dev-stack/ports';
import { generateSecrets } from '@tollgate/dev-stack/secrets';
import { startService } from '@tollgate/dev-stack/service-process';
import { systemServices } from '@tollgate/dev-stack/services';
import type { Heap } from './probe.ts';
import { heapOf, PROBE_ARGS } from './probed.ts';
import { progress } from './progress.ts';
import { type Section, shown, type Table } from './report.ts';
import { startBroker } from './system/broker.ts';
import { dataFolder } from './system/data-folder.ts';
import { KeyTopics } from './system/key-topics.ts';

const READY_WITHIN_MS = 300_000;
const MIB = 1_048_576;

export interface KeyStateOptions {
  /** How many keys, one gateway after the other. */
  readonly keys: readonly number[];
}

interface Loaded {
  readonly keys: number;
  readonly publishedPerSecond: number;
  readonly readyMs: number;
  readonly heap: Heap;
}

/** What idle keys cost a gateway: memory, and time until it is ready. */
export async function benchKeyState({ keys }: KeyStateOptions): Promise<Section> {
  progress('starting Kafka');
  const kafka = await startBroker(dataFolder());
  try {
    const empty = await load(kafka.brokers, 0);
    const loaded: Loaded[] = [];
    for (const count of keys) loaded.push(await load(kafka.brokers, count));
    return section(empty, loaded);
  } finally {
    await kafka.stop();
  }
}

/** Writes the keys to topics of their own and starts a gateway on them. */
async function load(brokers: string, keys: number): Promise<Loaded> {
  const secrets = generateSecrets();
  const topics = await KeyTopics.create(brokers, `keys-${keys}`, secrets.eventKeys);
  const port = await freePort();
  const { gateway } = systemServices({
    secrets,
    databases: { keyAdmin: '', metering: '', billing: '' },
    brokers,
    ports: { gateway: port, 'key-admin': 0, metering: 0, 'fake-provider': 1, 'billing-export': 0 },
    upstream: 'fake',
    stateDir: dataFolder(),
    topicPrefix: topics.prefix,
    env: { LOG_LEVEL: 'warn' },
  });
  try {
    const publishedPerSecond = await topics.publishKeys(keys, (done) =>
      progress(`${shown(keys)} keys: ${shown(done)} written`),
    );
    progress(`${shown(keys)} keys: starting a gateway`);
    topics.startHeartbeats();
    const startedMs = performance.now();
    const service = await startService({
      ...gateway,
      readyWithinMs: READY_WITHIN_MS,
      nodeArgs: [...(gateway.nodeArgs ?? []), ...PROBE_ARGS],
      ipc: true,
    });
    const readyMs = performance.now() - startedMs;
    const heap = await heapOf(service.child.process);
    await service.stop();
    return { keys, publishedPerSecond, readyMs, heap };
  } finally {
    await topics.close();
  }
}

function section(empty: Loaded, loaded: readonly Loaded[]): Section {
  const bytesPerKey = ({ keys, heap }: Loaded) =>
    (heap.heapUsed + heap.arrayBuffers - empty.heap.heapUsed - empty.heap.arrayBuffers) / keys;
  const keysPerSecond = ({ keys, readyMs }: Loaded) => (keys / (readyMs - empty.readyMs)) * 1_000;
  const table: Table = {
    caption: 'A gateway with idle keys',
    header: [
      'keys',
      'bytes of heap a key',
      'heap MiB',
      'resident MiB',
      'ready after s',
      'keys/s loaded',
      'keys/s written',
    ],
    rows: [empty, ...loaded].map((each) => [
      shown(each.keys),
      each.keys === 0 ? '—' : shown(bytesPerKey(each)),
      shown(each.heap.heapUsed / MIB),
      shown(each.heap.rss / MIB),
      shown(each.readyMs / 1_000, 1),
      each.keys === 0 ? '—' : shown(keysPerSecond(each)),
      each.keys === 0 ? '—' : shown(each.publishedPerSecond),
    ]),
  };
  return {
    title: 'Key state',
    notes: [
      'A gateway process on a real Kafka topic of signed key records, one record a key, all three limits set; one load each.',
      'Heap after a collection and load time are over those of a gateway without keys. Nothing pinned: the broker has the other core.',
    ],
    tables: [table],
    verdicts: loaded.flatMap((each) => [
      {
        what: `heap per idle key at ${shown(each.keys)} keys`,
        measured: bytesPerKey(each),
        unit: ' B',
        least: 400,
        stretch: 300,
        better: 'lower' as const,
      },
      {
        what: `load through Kafka at ${shown(each.keys)} keys`,
        measured: keysPerSecond(each),
        unit: ' keys/s',
        least: 50_000,
        stretch: 100_000,
        better: 'higher' as const,
      },
    ]),
  };
}
