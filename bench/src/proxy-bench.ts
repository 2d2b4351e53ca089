import { STREAM_CHUNKS } from './canned.ts';
import { keepFirstCoreFree, type Pinning, pin } from './host.ts';
import { LoadGenerator } from './load/load-generator.ts';
import type { Latencies, Result } from './load/runs.ts';
import type { Target } from './load/target.ts';
import { cpuOf, profiled } from './probed.ts';
import { profileFile, profileTables } from './profile.ts';
import { progress } from './progress.ts';
import { type Contestant, startBareOnes, startPortkey, startProvider } from './proxies/contestants.ts';
import {
  CASES,
  type Case,
  CONNECTIONS,
  type Measurements,
  PER_SECOND,
  type ProxyOptions,
  type Sample,
} from './proxy-cases.ts';
import { proxySection } from './proxy-report.ts';
import type { Section, Table } from './report.ts';
import { MeteredKey } from './system/metered-key.ts';
import { startWholeSystem } from './system/whole-system.ts';

const WARM_UP_SECONDS = 1;
/** Until V8 has compiled what is hot: so many requests, or so long where a proxy is slow. */
const FIRST_WARM_UP_REQUESTS = 10_000;
const FIRST_WARM_UP_SECONDS = 20;
/** For what a proxy still does for requests it has answered, such as publishing their usage. */
const TRAILING_MS = 500;

/** Runs the gateway, the bare proxy, a pass-through, the peer and no proxy at all side by side. */
export async function benchProxy(options: ProxyOptions): Promise<Section> {
  const pinning = keepFirstCoreFree();
  progress('starting the provider stand-in');
  const provider = await startProvider();
  progress('starting the bare proxies, and installing and starting the peer');
  const bareOnes = await startBareOnes(provider.port);
  const portkey = await startPortkey(provider.port);
  const system = await startWholeSystem({
    providerPort: provider.port,
    gateways: 1,
    onStage: (stage) => progress(`starting ${stage}`),
  });
  const key = await MeteredKey.create(system.admin);
  const gateway = system.gateways[0]!;
  const contestants: Contestant[] = [
    { name: 'direct', port: provider.port, headers: {}, process: null },
    ...bareOnes,
    {
      name: 'gateway',
      port: Number(new URL(gateway.url).port),
      headers: { authorization: `Bearer ${key.token}` },
      process: gateway,
    },
    ...(typeof portkey === 'string' ? [] : [portkey]),
  ];
  const generator = LoadGenerator.start();
  try {
    if (pinning) for (const { process } of contestants) if (process) pin(process.pid, pinning.proxy);
    const bench = new ProxyBench(options, contestants, generator, key);
    const measurements = await bench.measure();
    const profiles = options.profile ? await bench.profile() : [];
    const notes = [conditions(pinning), await key.account()];
    if (typeof portkey === 'string') notes.push(portkey);
    return proxySection(measurements, options, notes, profiles);
  } finally {
    generator.stop();
    await Promise.all(contestants.map(({ name, process }) => (name === 'gateway' ? null : process?.stop())));
    await system.stop();
    await provider.process.stop();
  }
}

const conditions = (pinning: Pinning | null) =>
  pinning
    ? `Pinned with taskset: the proxy under test on core ${pinning.proxy}; load generator, provider stand-in, ` +
      `PostgreSQL, Kafka, metering and key-admin on core ${pinning.others}.`
    : 'Not pinned: there is no `taskset`, or one core only.';

const target = ({ port, headers }: Contestant, { body, streamed }: Case): Target => ({
  port,
  path: '/v1/chat/completions',
  headers,
  body,
  streamed,
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const failures = ({ failed }: Result) => Object.values(failed).reduce((sum, count) => sum + count, 0);

class ProxyBench {
  private readonly measurements: Measurements = new Map();
  private readonly cases: readonly Case[];

  constructor(
    private readonly options: ProxyOptions,
    private readonly contestants: readonly Contestant[],
    private readonly generator: LoadGenerator,
    private readonly key: MeteredKey,
  ) {
    this.cases = CASES.filter(({ name }) => options.cases.length === 0 || options.cases.includes(name));
    for (const { name } of this.cases) {
      this.measurements.set(name, new Map(contestants.map((c) => [c.name, { samples: [], latencies: [] }])));
    }
  }

  async measure(): Promise<Measurements> {
    for (const each of this.cases) {
      for (const contestant of this.contestants) {
        progress(`${each.name}: warming up ${contestant.name}`);
        await this.warmUp(contestant, each);
      }
      for (let round = 1; round <= this.options.rounds; round += 1) {
        for (const contestant of this.contestants) {
          progress(`${each.name}, round ${round} of ${this.options.rounds}: ${contestant.name}`);
          const { samples, latencies } = this.measurements.get(each.name)!.get(contestant.name)!;
          samples.push(await this.sample(contestant, each));
          if (each.measuresLatency && keepsUp(samples))
            latencies.push(await this.latencies(contestant, each));
        }
      }
    }
    return this.measurements;
  }

  private async warmUp(contestant: Contestant, each: Case): Promise<void> {
    const untilMs = performance.now() + FIRST_WARM_UP_SECONDS * 1_000;
    for (let sent = 0; sent < FIRST_WARM_UP_REQUESTS && performance.now() < untilMs; ) {
      const { succeeded, chunks } = await this.saturate(contestant, each, WARM_UP_SECONDS);
      sent += succeeded + chunks;
      await this.settle(contestant);
    }
  }

  /** One more stretch of load for the gateway and the bare proxy, under V8's profiler. */
  async profile(): Promise<Table[]> {
    const tables: Table[] = [];
    for (const each of this.cases) {
      for (const contestant of this.contestants) {
        if (contestant.name !== 'gateway' && contestant.name !== 'bare proxy') continue;
        progress(`${each.name}: profiling ${contestant.name}`);
        const file = profileFile(`${each.name}, ${contestant.name}`);
        const child = contestant.process!.child.process;
        const load = () => this.saturate(contestant, each, this.options.seconds);
        const { result, cpuUs } = await profiled(child, file, load);
        await this.settle(contestant);
        const who = `${contestant.name}, ${each.name}${each.streamed ? ' (per chunk)' : ''}, profiled`;
        tables.push(...profileTables(who, file, each.streamed ? result.chunks : result.succeeded, cpuUs));
      }
    }
    return tables;
  }

  private async sample(contestant: Contestant, each: Case): Promise<Sample> {
    const child = contestant.process?.child.process;
    const cpu = async () => (child ? cpuOf(child) : Number.NaN);
    await this.saturate(contestant, each, WARM_UP_SECONDS);
    await this.settle(contestant);
    const before = await cpu();
    const result = await this.saturate(contestant, each, this.options.seconds);
    const underLoad = (await cpu()) - before;
    await pause(TRAILING_MS);
    const cpuUs = (await cpu()) - before;
    await this.settle(contestant);
    const { succeeded, chunks, elapsedMs } = result;
    return {
      perSecond: (succeeded / elapsedMs) * 1_000,
      cpuUs: cpuUs / succeeded,
      busy: underLoad / 1_000 / elapsedMs,
      chunksLost: each.streamed ? succeeded * STREAM_CHUNKS - chunks : 0,
      cpuUsPerChunk: cpuUs / chunks,
      generatorBusy: result.cpuUs / 1_000 / elapsedMs,
      failed: failures(result),
    };
  }

  private async latencies(contestant: Contestant, each: Case): Promise<Latencies> {
    const run = { kind: 'fixed-rate' as const, target: target(contestant, each), perSecond: PER_SECOND };
    await this.counted(contestant, await this.generator.run({ ...run, seconds: WARM_UP_SECONDS }));
    const result = await this.generator.run({ ...run, seconds: this.options.seconds * 2 });
    await this.counted(contestant, result);
    return result.latencies!;
  }

  private async saturate(contestant: Contestant, each: Case, seconds: number): Promise<Result> {
    return this.counted(
      contestant,
      await this.generator.run({
        kind: 'saturation',
        target: target(contestant, each),
        connections: CONNECTIONS,
        seconds,
      }),
    );
  }

  private counted(contestant: Contestant, result: Result): Result {
    if (contestant.name === 'gateway') this.key.note(result.succeeded);
    return result;
  }

  /** Metering folds on the core of the load generator: it is not to do so in the next one's turn. */
  private async settle(contestant: Contestant): Promise<void> {
    if (contestant.name === 'gateway') await this.key.untilMetered();
  }
}

/** Above this share of what it takes, a proxy's latency is that of its queue. */
const MOST_OF_SATURATION = 0.8;
const keepsUp = (samples: readonly Sample[]) =>
  (samples.at(-1)?.perSecond ?? 0) * MOST_OF_SATURATION > PER_SECOND;
