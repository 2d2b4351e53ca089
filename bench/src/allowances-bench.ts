import type { ServiceProcess } from '@tollgate/dev-stack/service-process';
import { median } from '@tollgate/testing/median';
import { EQUAL_PER_SECOND, KEYS, type Kind, LIMITS, type Measured, type Sample } from './allowances-cases.ts';
import { allowancesSection } from './allowances-report.ts';
import { chatBody } from './canned.ts';
import type { Counted } from './load/counter.ts';
import { LoadGenerator } from './load/load-generator.ts';
import type { Result, Run } from './load/runs.ts';
import { cpuOf, profiled } from './probed.ts';
import { profileFile, profileTables } from './profile.ts';
import { progress } from './progress.ts';
import { startProvider } from './proxies/contestants.ts';
import { CONNECTIONS, PER_SECOND } from './proxy-cases.ts';
import type { Section, Table } from './report.ts';
import { quantile } from './statistics.ts';
import { MeteredKey } from './system/metered-key.ts';
import { startWholeSystem, type WholeSystem } from './system/whole-system.ts';

const WARM_UP_ROUNDS = 2;
/**
 * In each round, how often and for how long the keys take turns while metering stands still: half as long as a share of
 * a window is good for after it was due to be renewed.
 */
const TURNS_IN_ROUND = 10;
const TURNS_SECONDS = 1.8;
const BODY = chatBody(160).toString();

export interface AllowancesOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** How many gateways there are, one after the other. */
  readonly fleets: readonly number[];
  /** Whether the first gateway's CPU is profiled too, under each key. */
  readonly profile: boolean;
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
  return allowancesSection(measured);
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
      const turns: Measured['turns'] = { 'no limits': [], 'soft limits': [], 'hard limits': [] };
      const hard = this.keys.get('hard limits')!;
      const before = { calls: await this.calls(), requests: hard.requests };
      for (let round = 1; round <= this.options.rounds; round += 1) {
        // No limits and hard ones go first equally often.
        for (const kind of round % 2 ? KEYS : KEYS.toReversed()) {
          progress(`${this.system.gateways.length} gateways, round ${round}: ${kind}`);
          samples[kind].push(await this.sample(kind));
        }
        for (let time = 1; time <= TURNS_IN_ROUND; time += 1) {
          progress(`${this.system.gateways.length} gateways, round ${round}: turns ${time}`);
          const perSecond = await this.takeTurns();
          for (const [index, kind] of KEYS.entries()) turns[kind].push(perSecond[index]!);
        }
      }
      const calls = (await this.calls()) - before.calls;
      const callsPerThousand = (calls / (hard.requests - before.requests)) * 1_000;
      const account = await hard.account();
      const profiles = this.options.profile ? await this.profile() : [];
      return { samples, turns, callsPerThousand, account, profiles };
    } finally {
      for (const generator of this.generators) generator.stop();
    }
  }

  private async sample(kind: Kind): Promise<Sample> {
    const { seconds } = this.options;
    const key = this.keys.get(kind)!;
    const saturation = await this.saturate(kind);
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
      perSecond: perSecondOf(results),
      cpuUs: saturation.cpuUs / succeededOf(results),
      equalCpuUs: equal.cpuUs / succeededOf(equal.results),
      p50: median(fixed.results.map(({ latencies }) => latencies!.p50)),
      p99: quantile(
        fixed.results.map(({ latencies }) => latencies!.p99),
        1,
      ),
    };
  }

  /** The keys by turns at all gateways at once. @returns requests/s of each */
  private async takeTurns(): Promise<number[]> {
    const { gateways } = this.system;
    const keys = KEYS.map((kind) => this.keys.get(kind)!);
    const connections = Math.ceil(CONNECTIONS / gateways.length);
    const results = await this.withoutMetering(() =>
      Promise.all(
        this.generators.map((generator, index) => {
          const targets = keys.map((key) => target(gateways[index]!, key));
          return generator.turns({ kind: 'turns', targets, connections, seconds: TURNS_SECONDS });
        }),
      ),
    );
    for (const [index, key] of keys.entries()) {
      key.note(succeededOf(results.map(({ counted }) => counted[index]!)));
      await key.untilMetered();
    }
    return keys.map((_, index) => sum(results.map(({ perSecond }) => perSecond[index]!)));
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

/** @throws Error where a request was refused */
function succeededOf(results: readonly Counted[]): number {
  for (const { failed } of results) {
    if (Object.keys(failed).length > 0) throw new Error(`requests failed: ${JSON.stringify(failed)}`);
  }
  return sum(results.map(({ succeeded }) => succeeded));
}
