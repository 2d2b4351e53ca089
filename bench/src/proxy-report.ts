import { median } from '@tollgate/testing/median';
import type { Name } from './proxies/contestants.ts';
import { PORTKEY_VERSION } from './proxies/portkey.ts';
import {
  CONNECTIONS,
  type Measured,
  type Measurements,
  PER_SECOND,
  type ProxyOptions,
  type Sample,
  streamPace,
} from './proxy-cases.ts';
import { type Section, shown, type Table, type Verdict } from './report.ts';

const NONE: Measured = { samples: [], latencies: [] };

/** The medians of one case. */
class CaseMedians {
  constructor(
    readonly name: string,
    private readonly of: ReadonlyMap<Name, Measured>,
  ) {}

  get contestants(): Name[] {
    return [...this.of.keys()];
  }

  figure(name: Name, field: keyof Sample): number {
    return median((this.of.get(name) ?? NONE).samples.map((sample) => sample[field]));
  }

  /** Added over going direct in the same round, in ms. */
  added(name: Name, field: 'p50' | 'p99'): number {
    const direct = (this.of.get('direct') ?? NONE).latencies;
    const own = (this.of.get(name) ?? NONE).latencies;
    return median(own.map((latencies, round) => latencies[field] - (direct[round]?.[field] ?? Number.NaN)));
  }

  latency(name: Name, field: 'p50' | 'p99' | 'latenessP99'): number {
    return median((this.of.get(name) ?? NONE).latencies.map((latencies) => latencies[field]));
  }

  /** The median of the rounds' ratios: both had the same minutes of a machine whose speed drifts. */
  ratio(name: Name, to: Name, field: keyof Sample): number {
    const base = (this.of.get(to) ?? NONE).samples;
    const own = (this.of.get(name) ?? NONE).samples;
    return median(own.map((sample, round) => sample[field] / (base[round]?.[field] ?? Number.NaN)));
  }

  total(field: keyof Sample): number {
    const all = [...this.of.values()].flatMap(({ samples }) => samples);
    return all.reduce((sum, sample) => sum + sample[field], 0);
  }
}

function throughputTable(medians: CaseMedians, baseline: Name): Table {
  return {
    caption: `${medians.name}: ${CONNECTIONS} keep-alive connections, as fast as answers come`,
    header: ['', 'requests/s', `× ${baseline}`, 'CPU µs/request', `× ${baseline} `, 'core busy', 'failed'],
    rows: medians.contestants.map((name) => [
      name,
      shown(medians.figure(name, 'perSecond')),
      shown(medians.ratio(name, baseline, 'perSecond'), 2),
      shown(medians.figure(name, 'cpuUs')),
      shown(medians.ratio(name, baseline, 'cpuUs'), 2),
      name === 'direct' ? '—' : `${shown(medians.figure(name, 'busy') * 100)} %`,
      shown(medians.figure(name, 'failed')),
    ]),
  };
}

function latencyTable(medians: CaseMedians): Table {
  return {
    caption: `${medians.name}: ms at ${PER_SECOND} requests/s, open loop, from the instant a request was due`,
    header: ['', 'p50', 'p99', 'added p50', 'added p99', 'sent late p99'],
    rows: medians.contestants.map((name) => [
      name,
      shown(medians.latency(name, 'p50'), 2),
      shown(medians.latency(name, 'p99'), 2),
      name === 'direct' ? '—' : shown(medians.added(name, 'p50'), 2),
      name === 'direct' ? '—' : shown(medians.added(name, 'p99'), 2),
      shown(medians.latency(name, 'latenessP99'), 2),
    ]),
  };
}

function streamTable(medians: CaseMedians): Table {
  return {
    caption: `streamed: ${streamPace}`,
    header: ['', 'chunks/s', 'CPU µs/chunk', '× pass-through', 'chunks lost', 'core busy', 'failed'],
    rows: medians.contestants.map((name) => [
      name,
      shown(medians.figure(name, 'perSecond') * 100),
      shown(medians.figure(name, 'cpuUsPerChunk'), 1),
      shown(medians.ratio(name, 'pass-through', 'cpuUsPerChunk'), 2),
      shown(medians.figure(name, 'chunksLost')),
      name === 'direct' ? '—' : `${shown(medians.figure(name, 'busy') * 100)} %`,
      shown(medians.figure(name, 'failed')),
    ]),
  };
}

/** Node 24 runs the peer faster, so it has a target of its own. */
const PORTKEY_TARGETS = Number(process.versions.node.split('.')[0]) >= 24 ? [7, 10] : [12, 18];

function verdicts(cases: ReadonlyMap<string, CaseMedians>): Verdict[] {
  const small = cases.get('small');
  const large = cases.get('200 KB');
  const streamed = cases.get('streamed');
  const [peer = 0, peerStretch = 0] = PORTKEY_TARGETS;
  const found: Verdict[] = [];
  const add = (
    what: string,
    measured: number,
    unit: string,
    least: number,
    stretch: number,
    better: Verdict['better'],
  ) => found.push({ what, measured, unit, least, stretch, better });
  if (small) {
    add(
      'gateway with all three limits vs bare proxy, requests/s',
      small.ratio('gateway', 'bare proxy', 'perSecond'),
      '×',
      0.75,
      0.9,
      'higher',
    );
    add(
      'the same by CPU per request (a shared core does not matter to it)',
      1 / small.ratio('gateway', 'bare proxy', 'cpuUs'),
      '×',
      0.75,
      0.9,
      'higher',
    );
    add(
      'gateway vs @portkey-ai/gateway, requests/s',
      small.ratio('gateway', 'portkey', 'perSecond'),
      '×',
      peer,
      peerStretch,
      'higher',
    );
    add(
      'the same by CPU per request',
      1 / small.ratio('gateway', 'portkey', 'cpuUs'),
      '×',
      peer,
      peerStretch,
      'higher',
    );
    add(
      `added p50 over direct at ${PER_SECOND} requests/s`,
      small.added('gateway', 'p50'),
      ' ms',
      0.5,
      0.3,
      'lower',
    );
  }
  if (large) {
    add(
      '200 KB prompts vs dispatch without parsing, requests/s',
      large.ratio('gateway', 'pass-through', 'perSecond'),
      '×',
      0.5,
      0.8,
      'higher',
    );
  }
  if (large)
    add(
      'the same by CPU per request',
      1 / large.ratio('gateway', 'pass-through', 'cpuUs'),
      '×',
      0.5,
      0.8,
      'higher',
    );
  if (streamed) {
    add(
      'streamed, CPU per chunk vs pass-through',
      streamed.ratio('gateway', 'pass-through', 'cpuUsPerChunk'),
      '×',
      1.15,
      1.05,
      'lower',
    );
    add('streamed, chunks lost', streamed.total('chunksLost'), '', 0, 0, 'lower');
  }
  return found;
}

export function proxySection(
  measurements: Measurements,
  { rounds, seconds }: ProxyOptions,
  notes: readonly string[],
  profiles: readonly Table[],
): Section {
  const cases = new Map([...measurements].map(([name, of]) => [name as string, new CaseMedians(name, of)]));
  const tables: Table[] = [];
  for (const medians of cases.values()) {
    if (medians.name === 'streamed') tables.push(streamTable(medians));
    else tables.push(throughputTable(medians, medians.name === 'small' ? 'bare proxy' : 'pass-through'));
    if (Number.isFinite(medians.latency('direct', 'p50'))) tables.push(latencyTable(medians));
  }
  const small = cases.get('small');
  const ceiling = small
    ? [
        `The load generator with the provider stand-in reaches ${shown(small.figure('direct', 'perSecond'))} requests/s, ` +
          'both on one core; a proxy whose core is busy is the bottleneck itself.',
      ]
    : [];
  return {
    title: 'Proxy',
    notes: [
      `Medians of ${rounds} interleaved rounds of ${seconds} s each, after a warm-up; ratios are medians of the rounds' ratios.`,
      'CPU is user and system time of the proxy process, with what it does up to 0.5 s after the last answer.',
      `The gateway runs as in production, with real Kafka and metering; its key has all three limits. The peer is @portkey-ai/gateway ${PORTKEY_VERSION}.`,
      ...ceiling,
      ...notes,
    ],
    tables: [...tables, ...profiles],
    verdicts: verdicts(cases),
  };
}
