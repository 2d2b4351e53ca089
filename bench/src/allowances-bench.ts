import type { LimitsInput } from '@tollgate/contracts/limits';
import type { ServiceProcess } from '@tollgate/dev-stack/service-process';
import { median } from '@tollgate/testing/median';
import { chatBody } from './canned.ts';
import { LoadGenerator } from './load/load-generator.ts';
import type { Result, Run } from './load/runs.ts';
import { cpuOf, profiled } from './probed.ts';
import { profileFile, profileTables } from './profile.ts';
import { progress } from './progress.ts';
import { startProvider } from './proxies/contestants.ts';
import { CONNECTIONS, PER_SECOND } from './proxy-cases.ts';
import { type Section, shown, type Table } from './report.ts';
import { quantile } from './statistics.ts';
import { MeteredKey } from './system/metered-key.ts';
import { startWholeSystem, type WholeSystem } from './system/whole-system.ts';

const WARM_UP_ROUNDS = 2;
/** At the same rate the keys differ by what they cost alone: nobody's batches grow or shrink with how fast a key is. */
const EQUAL_PER_SECOND = 2_000;
const BODY = chatBody(160).toString();

/**
 * What is compared: a key without limits, one with limits that each gateway counts by itself, and one with every limit,
 * none of which any gateway may pass. None is near its limits.
 */
const KEYS = ['no limits', 'soft limits', 'hard limits'] as const;
type Kind = (typeof KEYS)[number];
const FAR = { cost_usd: '1000000', tokens: 1_000_000_000 };
const LIMITS: Record<Kind, LimitsInput> = {
  'no limits': {},
  'soft limits': { ...FAR, enforcement: 'soft' },
  'hard limits': { ...FAR, requests_per_minute: 1_000_000, enforcement: 'hard' },
};

export interface AllowancesOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** How many gateways there are, one after the other. */
  readonly fleets: readonly number[];
  /** Whether the first gateway's CPU is profiled too, under each key. */
  readonly profile: boolean;
}

interface Sample {
  readonly perSecond: number;
  /** The same while metering stands still, which counts afterwards. */
  readonly uncountedPerSecond: number;
  /** CPU of all gateways together for a request, at full load and at {@link EQUAL_PER_SECOND}. */
  readonly cpuUs: number;
  readonly equalCpuUs: number;
  readonly p50: number;
  readonly p99: number;
}
interface Measured {
  readonly samples: Record<Kind, Sample[]>;
  readonly callsPerThousand: number;
  readonly account: string;
  readonly profiles: readonly Table[];
}

/** What it costs that no gateway passes a limit: calls to metering, time and throughput, beside a key without limits. */
export async function benchAllowances(options: AllowancesOptions): Promise<Section> {
  const provider = await startProvider();
  const measured = new Map<number, Measured>();
  try {
    for (const gateways of options.fleets) {
      const onStage = (stage: string) => progress(`${gateways} gateways: starting ${stage}`);
      const system = await startWholeSystem({ providerPort: provider.port, gateways, onStage });
      try {
        measured.set(gateways, await new FleetBench(options, system).measure());
      } finally {
        await system.stop();
      }
    }
  } finally {
    await provider.process.stop();
  }
  return section(measured);
}

class FleetBench {
  private readonly generators: LoadGenerator[];
  private readonly keys = new Map<Kind, MeteredKey>();

  constructor(
    private readonly options: AllowancesOptions,
    private readonly system: WholeSystem,
  ) {
    this.generators = system.gateways.map(() => LoadGenerator.start());
  }

  async measure(): Promise<Measured> {
    try {
      for (const kind of KEYS) this.keys.set(kind, await MeteredKey.create(this.system.admin, LIMITS[kind]));
      for (let round = 0; round < WARM_UP_ROUNDS; round += 1)
        for (const kind of KEYS) await this.sample(kind);
      const samples: Record<Kind, Sample[]> = { 'no limits': [], 'soft limits': [], 'hard limits': [] };
      let calls = 0;
      let requests = 0;
      for (let round = 1; round <= this.options.rounds; round += 1) {
        // No limits and hard ones go first equally often.
        for (const kind of round % 2 ? KEYS : KEYS.toReversed()) {
          progress(`${this.system.gateways.length} gateways, round ${round}: ${kind}`);
          const before = await this.calls();
          const { sample, sent } = await this.sample(kind);
          samples[kind].push(sample);
          if (kind !== 'hard limits') continue;
          calls += (await this.calls()) - before;
          requests += sent;
        }
      }
      const account = await this.keys.get('hard limits')!.account();
      const profiles = this.options.profile ? await this.profile() : [];
      return { samples, callsPerThousand: (calls / requests) * 1_000, account, profiles };
    } finally {
      for (const generator of this.generators) generator.stop();
    }
  }

  private async sample(kind: Kind): Promise<{ sample: Sample; sent: number }> {
    const { seconds } = this.options;
    const key = this.keys.get(kind)!;
    const saturation = await this.saturate(kind);
    await key.untilMetered();
    const uncounted = await this.withoutMetering(() => this.saturate(kind));
    await key.untilMetered();
    const atRate = async (perSecond: number) => {
      const perGateway = perSecond / this.generators.length;
      const load = await this.run(key, { kind: 'fixed-rate', perSecond: perGateway, seconds });
      await key.untilMetered();
      return load;
    };
    const equal = await atRate(EQUAL_PER_SECOND);
    const fixed = await atRate(PER_SECOND);
    const { results } = saturation;
    return {
      sample: {
        perSecond: perSecondOf(results),
        uncountedPerSecond: perSecondOf(uncounted.results),
        cpuUs: saturation.cpuUs / succeededOf(results),
        equalCpuUs: equal.cpuUs / succeededOf(equal.results),
        p50: median(fixed.results.map(({ latencies }) => latencies!.p50)),
        p99: quantile(
          fixed.results.map(({ latencies }) => latencies!.p99),
          1,
        ),
      },
      sent: succeededOf([...results, ...uncounted.results, ...equal.results, ...fixed.results]),
    };
  }

  /** One more stretch of load under each key, with V8's profiler on the first gateway. */
  private async profile(): Promise<Table[]> {
    const { process } = this.system.gateways[0]!.child;
    const tables: Table[] = [];
    for (const kind of KEYS) {
      progress(`profiling ${kind}`);
      const file = profileFile(`allowances, ${kind}`);
      const { result, cpuUs } = await profiled(process, file, () => this.saturate(kind));
      await this.keys.get(kind)!.untilMetered();
      const { succeeded } = result.results[0]!;
      tables.push(...profileTables(`first gateway, ${kind}, profiled`, file, succeeded, cpuUs));
    }
    return tables;
  }

  /** What was given out is held, so that nothing is asked of metering meanwhile. */
  private async withoutMetering<T>(work: () => Promise<T>): Promise<T> {
    const { pid } = this.system.metering;
    process.kill(pid, 'SIGSTOP');
    try {
      return await work();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  }

  private saturate(kind: Kind): ReturnType<FleetBench['run']> {
    const connections = Math.ceil(CONNECTIONS / this.generators.length);
    return this.run(this.keys.get(kind)!, { kind: 'saturation', connections, seconds: this.options.seconds });
  }

  /** The same at all gateways at once. @throws Error where a request is refused */
  private async run(
    key: MeteredKey,
    how:
      | Omit<Extract<Run, { kind: 'saturation' }>, 'target'>
      | Omit<Extract<Run, { kind: 'fixed-rate' }>, 'target'>,
  ): Promise<{ results: Result[]; cpuUs: number }> {
    const { gateways } = this.system;
    const before = await this.cpu();
    const results = await Promise.all(
      this.generators.map((generator, index) =>
        generator.run({ ...how, target: target(gateways[index]!, key) } as Run),
      ),
    );
    for (const { failed } of results) {
      if (Object.keys(failed).length > 0) throw new Error(`requests failed: ${JSON.stringify(failed)}`);
    }
    key.note(succeededOf(results));
    return { results, cpuUs: (await this.cpu()) - before };
  }

  private async cpu(): Promise<number> {
    return sum(await Promise.all(this.system.gateways.map(({ child }) => cpuOf(child.process))));
  }

  /** Calls to metering of all gateways so far. */
  private async calls(): Promise<number> {
    const counts = this.system.gateways.map(async ({ url }) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const lines = [...text.matchAll(/^tollgate_allowance_calls_total\{[^}]*\} (\d+)$/gm)];
      return sum(lines.map(([, count]) => Number(count)));
    });
    return sum(await Promise.all(counts));
  }
}

const target = ({ url }: ServiceProcess, { token }: MeteredKey) => ({
  port: Number(new URL(url).port),
  path: '/v1/chat/completions',
  headers: { authorization: `Bearer ${token}` },
  body: BODY,
  streamed: false,
});

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const perSecondOf = (results: readonly Result[]) =>
  sum(results.map(({ succeeded, elapsedMs }) => (succeeded / elapsedMs) * 1_000));
const succeededOf = (results: readonly Result[]) => sum(results.map(({ succeeded }) => succeeded));
/** Of hard limits to others, the middle of the rounds': what else the machine does is the same to all of one round. */
const ratioTo = (samples: Measured['samples'], other: Kind, figure: keyof Sample) =>
  median(samples['hard limits'].map((hard, round) => hard[figure] / samples[other][round]![figure]));
const middle = (samples: readonly Sample[], figure: keyof Sample) =>
  median(samples.map((sample) => sample[figure]));

const THROUGHPUT = { unit: '×', least: 0.95, stretch: 0.98, better: 'higher' } as const;

function section(measured: ReadonlyMap<number, Measured>): Section {
  const worst = (other: Kind, figure: 'perSecond' | 'uncountedPerSecond') =>
    Math.min(...[...measured.values()].map(({ samples }) => ratioTo(samples, other, figure)));
  // How many requests a core of gateway can do, of one key to the other.
  const capacity = [...measured.values()].map(
    ({ samples }) => 1 / ratioTo(samples, 'no limits', 'equalCpuUs'),
  );
  const table: Table = {
    caption: 'One busy key, far from its hard limits of cost, tokens and requests/min, beside others',
    header: [
      ...['gateways', 'calls per 1 000 requests', 'requests/s', 'of no limits', 'of soft limits'],
      ...['uncounted', 'of no limits', 'of soft limits'],
      ...['CPU µs/request', 'no limits', 'soft limits'],
      ...[`at ${EQUAL_PER_SECOND} requests/s`, 'no limits', 'soft limits', 'added p50, ms', 'added p99, ms'],
    ],
    rows: [...measured].map(([gateways, { samples, callsPerThousand }]) => {
      const { 'no limits': free, 'soft limits': soft, 'hard limits': hard } = samples;
      const added = (figure: 'p50' | 'p99') => middle(hard, figure) - middle(free, figure);
      return [
        ...[shown(gateways), shown(callsPerThousand, 2), shown(middle(hard, 'perSecond'))],
        `${shown(ratioTo(samples, 'no limits', 'perSecond'), 2)}×`,
        `${shown(ratioTo(samples, 'soft limits', 'perSecond'), 2)}×`,
        shown(middle(hard, 'uncountedPerSecond')),
        `${shown(ratioTo(samples, 'no limits', 'uncountedPerSecond'), 2)}×`,
        `${shown(ratioTo(samples, 'soft limits', 'uncountedPerSecond'), 2)}×`,
        ...[hard, free, soft].map((of) => shown(middle(of, 'cpuUs'), 1)),
        ...[hard, free, soft].map((of) => shown(middle(of, 'equalCpuUs'), 1)),
        ...[shown(added('p50'), 3), shown(added('p99'), 3)],
      ];
    }),
  };
  return {
    title: 'Allowances',
    notes: [
      'Load generators, provider stand-in, PostgreSQL, Kafka, metering, key-admin and all gateways share the cores: requests/s of several gateways say nothing of how they scale, only how the keys compare.',
      'Ratios are medians of the rounds’ ratios. Soft limits are of cost and tokens: each gateway counts those by itself, and nothing is given out.',
      'Uncounted: metering is stopped meanwhile, and counts afterwards, so that the gateways’ throughput is their own; else its transactions take of the same cores.',
      `CPU is of the gateways alone. At full load whoever batches (event loops, the producer, the fold) batches less the slower a key is, so that a key's own cost shows several times; at ${EQUAL_PER_SECOND} requests/s over all gateways it shows once.`,
      `Latencies are of ${PER_SECOND} requests/s over all gateways, from when each was due.`,
      ...[...measured].map(([gateways, { account }]) => `${gateways} gateways: ${account}`),
    ],
    tables: [table, ...[...measured.values()].flatMap(({ profiles }) => profiles)],
    verdicts: [
      {
        ...{ what: 'calls per 1 000 requests, worst', unit: '', least: 20, stretch: 5, better: 'lower' },
        measured: Math.max(...[...measured.values()].map(({ callsPerThousand }) => callsPerThousand)),
      },
      {
        ...{ what: 'gateways’ throughput of that with soft limits, worst', ...THROUGHPUT },
        measured: worst('soft limits', 'uncountedPerSecond'),
      },
      {
        ...{ what: 'the same of the whole machine, metering included, worst', ...THROUGHPUT },
        measured: worst('soft limits', 'perSecond'),
      },
      {
        ...{ what: 'the same of that without limits, worst', ...THROUGHPUT },
        measured: worst('no limits', 'perSecond'),
      },
      {
        ...{ what: 'requests of a gateway’s core of that without limits, worst', ...THROUGHPUT },
        measured: Math.min(...capacity),
      },
    ],
  };
}
