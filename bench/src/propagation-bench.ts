import { fileURLToPath } from 'node:url';
import type { LimitsInput } from '@tollgate/contracts/limits';
import { freePort } from '@tollgate/dev-stack/ports';
import { type ServiceProcess, startService } from '@tollgate/dev-stack/service-process';
import { MODEL } from './canned.ts';
import { progress } from './progress.ts';
import { type Section, shown, type Table } from './report.ts';
import { quantile } from './statistics.ts';
import { RefusalProbe } from './system/refusal-probe.ts';
import { startWholeSystem, type WholeSystem } from './system/whole-system.ts';

const GATEWAYS = 3;
const WARM_UPS = 10;
/** A probe that was never refused ends its trial, and with it the benchmark. */
const REFUSED_WITHIN_MS = 10_000;

export interface PropagationOptions {
  readonly trials: number;
}

/** One attempt: ms until the slowest gateway refused. */
interface Breach {
  readonly afterAnswerMs: number;
  /** The gateway that had the crossing request refused its next one. */
  readonly ownRefused: boolean;
}
interface Revocation {
  readonly afterAnswerMs: number;
  readonly afterCallMs: number;
  readonly tookMs: number;
  readonly complete: boolean;
  /** Requests sent after the answer and admitted all the same. */
  readonly admittedAfter: number;
}

const instructed = (instruction: object) =>
  JSON.stringify({
    model: MODEL,
    messages: [{ role: 'user', content: `[[fake:${JSON.stringify(instruction)}]]` }],
  });
const CHEAP = instructed({ completion_tokens: 1 });
/** Costs 0.60 USD, more than the limit; the probes' requests together cost next to nothing. */
const CROSSING = instructed({
  usage: { prompt_tokens: 0, completion_tokens: 1_000_000, total_tokens: 1_000_000 },
});
const LIMITS: LimitsInput = {
  cost_usd: '0.50',
  tokens: 1_000_000_000,
  requests_per_minute: 1_000_000,
  enforcement: 'soft',
};

/** How soon every gateway refuses what one of them, or an administrator, put an end to. */
export async function benchPropagation({ trials }: PropagationOptions): Promise<Section> {
  progress('starting the fake provider');
  const provider = await startFakeProvider();
  const system = await startWholeSystem({
    providerPort: Number(new URL(provider.url).port),
    gateways: GATEWAYS,
    onStage: (stage) => progress(`starting ${stage}`),
  });
  try {
    const breaches = await repeated('breach', trials, () => breach(system));
    const revocations = await repeated('revocation', trials, () => revoke(system));
    return section(trials, breaches, revocations);
  } finally {
    await system.stop();
    await provider.stop();
  }
}

async function startFakeProvider(): Promise<ServiceProcess> {
  const port = await freePort();
  return startService({
    name: 'fake provider',
    entry: fileURLToPath(import.meta.resolve('@tollgate/testing/fake-provider-main')),
    env: { PORT: String(port), FAKE_API_KEY: 'fake-provider-key' },
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  });
}

async function repeated<T>(what: string, trials: number, trial: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = -WARM_UPS; index < trials; index += 1) {
    if (index % 10 === 0) progress(`${what} ${Math.max(0, index)} of ${trials}`);
    const result = await trial();
    if (index >= 0) results.push(result);
  }
  return results;
}

/** One gateway takes the request that crosses a soft key's limit; the others are asked all along. */
async function breach({ admin, gateways }: WholeSystem): Promise<Breach> {
  const { secret } = await admin.createKey(LIMITS);
  const [own, ...others] = gateways.map(({ url }) => new RefusalProbe(url, secret, CHEAP));
  await own!.admitted();
  for (const probe of others) await probe.start();
  await own!.send(CROSSING);
  const answeredMs = performance.now();
  const next = await own!.send(CHEAP);
  const refusedMs = await Promise.all(others.map((probe) => probe.refused(REFUSED_WITHIN_MS)));
  await own!.close();
  return { afterAnswerMs: Math.max(...refusedMs) - answeredMs, ownRefused: next === 429 };
}

/** A key in use at every gateway is revoked. */
async function revoke({ admin, gateways }: WholeSystem): Promise<Revocation> {
  const { key, secret } = await admin.createKey(LIMITS);
  const probes = gateways.map(({ url }) => new RefusalProbe(url, secret, CHEAP));
  for (const probe of probes) await probe.start();
  const calledMs = performance.now();
  const { propagation } = await admin.revoke(key.id);
  const answeredMs = performance.now();
  const refusedMs = await Promise.all(probes.map((probe) => probe.refused(REFUSED_WITHIN_MS)));
  const last = Math.max(...refusedMs);
  return {
    afterAnswerMs: Math.max(0, last - answeredMs),
    afterCallMs: last - calledMs,
    tookMs: propagation?.took_ms ?? Number.NaN,
    complete: propagation?.complete === true && propagation.acknowledged === gateways.length,
    admittedAfter: probes.reduce((sum, probe) => sum + probe.admittedSince(answeredMs), 0),
  };
}

function section(trials: number, breaches: Breach[], revocations: Revocation[]): Section {
  const afterBreach = breaches.map(({ afterAnswerMs }) => afterAnswerMs);
  const afterRevoke = revocations.map(({ afterAnswerMs }) => afterAnswerMs);
  const row = (what: string, values: readonly number[]) => [
    what,
    ...[0.5, 0.99, 1].map((q) => shown(quantile(values, q), 1)),
  ];
  const table: Table = {
    caption: `ms until the slowest of ${GATEWAYS} gateways refuses`,
    header: ['', 'p50', 'p99', 'max'],
    rows: [
      row('breach: from the end of the crossing answer', afterBreach),
      row('revocation: from its answer', afterRevoke),
      row(
        'revocation: from its call',
        revocations.map(({ afterCallMs }) => afterCallMs),
      ),
      row(
        'revocation: took_ms in its answer',
        revocations.map(({ tookMs }) => tookMs),
      ),
    ],
  };
  const ownRefused = breaches.filter((each) => each.ownRefused).length;
  const complete = revocations.filter((each) => each.complete).length;
  const admittedAfter = revocations.reduce((sum, each) => sum + each.admittedAfter, 0);
  const target = { unit: ' ms', least: 100, stretch: 50, better: 'lower' } as const;
  return {
    title: 'Propagation',
    notes: [
      `${trials} trials each, on the whole system with ${GATEWAYS} gateways, nothing pinned.`,
      'A gateway refuses from the arrival of its first refusal; it is asked about every 3 ms, so figures are too high by up to that.',
      `The gateway with the crossing request refused the next one in ${ownRefused} of ${trials} trials.`,
      `${complete} of ${trials} revocations were answered as applied by all gateways; requests sent after an answer and admitted: ${admittedAfter}.`,
    ],
    tables: [table],
    verdicts: [
      {
        what: 'usage settled → every gateway refuses, p99',
        measured: quantile(afterBreach, 0.99),
        ...target,
      },
      {
        what: 'revoke answered → every gateway refuses, p99',
        measured: quantile(afterRevoke, 0.99),
        ...target,
      },
    ],
  };
}
