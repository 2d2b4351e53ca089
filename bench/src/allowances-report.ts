import { median } from '@tollgate/testing/median';
import { EQUAL_PER_SECOND, type Kind, type Measured, type Sample } from './allowances-cases.ts';
import { PER_SECOND } from './proxy-cases.ts';
import { type Section, shown, type Table } from './report.ts';

type OtherKind = Exclude<Kind, 'hard limits'>;

/** A ratio of hard limits to others, and how far it may be off: its standard error. */
interface Ratio {
  readonly mean: number;
  readonly error: number;
}

/** Of stretches in which the keys took turns: the geometric mean of their ratios. */
function ratioOfTurns(turns: Measured['turns'], other: OtherKind): Ratio {
  const logs = turns['hard limits'].map((hard, time) => Math.log(hard / turns[other][time]!));
  const mean = average(logs);
  const variance = average(logs.map((log) => (log - mean) ** 2)) / (logs.length - 1);
  return { mean: Math.exp(mean), error: Math.exp(mean) * Math.sqrt(variance) };
}

/** The middle of the rounds': what else the machine does is about the same to all of one round. */
const ratioOfRounds = (samples: Measured['samples'], other: OtherKind, figure: keyof Sample) =>
  median(samples['hard limits'].map((hard, round) => hard[figure] / samples[other][round]![figure]));

const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (samples: readonly Sample[], figure: keyof Sample) =>
  median(samples.map((sample) => sample[figure]));
const times = (ratio: number) => `${shown(ratio, 2)}×`;
const withError = ({ mean, error }: Ratio) => `${shown(mean, 3)} ± ${shown(error, 3)}×`;

const THROUGHPUT = { unit: '×', least: 0.95, stretch: 0.98, better: 'higher' } as const;

/** @param measured by the number of gateways */
export function allowancesSection(measured: ReadonlyMap<number, Measured>): Section {
  const fleets = [...measured];
  const worst = (figure: (of: Measured) => number) => Math.min(...fleets.map(([, of]) => figure(of)));
  return {
    title: 'Allowances',
    notes: [
      'Load generators, provider stand-in, PostgreSQL, Kafka, metering, key-admin and all gateways share the cores: requests/s of several gateways say nothing of how they scale, only how the keys compare.',
      'Soft limits are of cost and tokens: each gateway counts those by itself, and nothing is given out.',
      'By turns: every 100 ms all connections change to the next key, there and back, so that whatever else the machine does falls on all keys alike. Metering is stopped meanwhile, and counts afterwards: the gateways’ throughput is their own. Ratios are geometric means with their standard errors.',
      'Of the whole machine: each key alone for some seconds while metering counts it, whose transactions take of the same cores. Ratios are medians of the rounds’ ratios.',
      `CPU is of the gateways alone. At full load whoever batches (event loops, the producer, the fold) batches less the slower a key is, so that a key's own cost shows several times; at ${EQUAL_PER_SECOND} requests/s over all gateways it shows once.`,
      `Latencies are of ${PER_SECOND} requests/s over all gateways, from when each was due.`,
      ...fleets.map(([gateways, { account }]) => `${gateways} gateways: ${account}`),
    ],
    tables: [
      throughputTable(measured),
      costTable(measured),
      ...fleets.flatMap(([, { profiles }]) => profiles),
    ],
    verdicts: [
      {
        ...{ what: 'calls per 1 000 requests, worst', unit: '', least: 20, stretch: 5, better: 'lower' },
        measured: Math.max(...fleets.map(([, { callsPerThousand }]) => callsPerThousand)),
      },
      {
        ...{ what: 'gateways’ throughput of that with soft limits, worst', ...THROUGHPUT },
        measured: worst(({ turns }) => ratioOfTurns(turns, 'soft limits').mean),
      },
      {
        ...{ what: 'the same of that without limits, worst', ...THROUGHPUT },
        measured: worst(({ turns }) => ratioOfTurns(turns, 'no limits').mean),
      },
      {
        ...{ what: 'the whole machine’s, metering included, of that with soft limits, worst', ...THROUGHPUT },
        measured: worst(({ samples }) => ratioOfRounds(samples, 'soft limits', 'perSecond')),
      },
      {
        // How many requests a core of gateway can do, of one key to the other.
        ...{ what: 'requests of a gateway’s core of that without limits, worst', ...THROUGHPUT },
        measured: worst(({ samples }) => 1 / ratioOfRounds(samples, 'no limits', 'equalCpuUs')),
      },
    ],
  };
}

const throughputTable = (measured: ReadonlyMap<number, Measured>): Table => ({
  caption:
    'Throughput of one busy key, far from its hard limits of cost, tokens and requests/min, beside others',
  header: [
    ...['gateways', 'requests/s by turns', 'of soft limits', 'of no limits'],
    ...['of the whole machine', 'of soft limits', 'of no limits'],
  ],
  rows: [...measured].map(([gateways, { samples, turns }]) => [
    shown(gateways),
    shown(median(turns['hard limits'])),
    withError(ratioOfTurns(turns, 'soft limits')),
    withError(ratioOfTurns(turns, 'no limits')),
    shown(middle(samples['hard limits'], 'perSecond')),
    times(ratioOfRounds(samples, 'soft limits', 'perSecond')),
    times(ratioOfRounds(samples, 'no limits', 'perSecond')),
  ]),
});

const costTable = (measured: ReadonlyMap<number, Measured>): Table => ({
  caption: 'What it costs',
  header: [
    ...['gateways', 'calls per 1 000 requests', 'CPU µs/request', 'soft limits', 'no limits'],
    ...[`at ${EQUAL_PER_SECOND} requests/s`, 'soft limits', 'no limits', 'added p50, ms', 'added p99, ms'],
  ],
  rows: [...measured].map(([gateways, { samples, callsPerThousand }]) => {
    const { 'no limits': free, 'soft limits': soft, 'hard limits': hard } = samples;
    const added = (figure: 'p50' | 'p99') => middle(hard, figure) - middle(free, figure);
    return [
      ...[shown(gateways), shown(callsPerThousand, 2)],
      ...[hard, soft, free].map((of) => shown(middle(of, 'cpuUs'), 1)),
      ...[hard, soft, free].map((of) => shown(middle(of, 'equalCpuUs'), 1)),
      ...[shown(added('p50'), 3), shown(added('p99'), 3)],
    ];
  }),
});
