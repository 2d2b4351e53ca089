import { probe } from '@tollgate/testing/probe';
import { type Sample, type Trend, trendOf } from '@tollgate/testing/trend';
import type { SeveralOfEach } from '../several-of-each.ts';

/** Memory may grow by so much in ten minutes, as a share of its median. */
const MEMORY_SHARE = 0.01;
/** Of a run shorter than ten minutes, caches that fill and code that is compiled are a part: so much is none of a leak. */
const SHORT_RUN_SHARE = 0.1;
/** Connections to the database come and go with the load, up to ten. */
const HANDLES = 10;
/** Records that wait at an instant: about a second of the load. */
const LAG_RECORDS = 200;
/** The first part of the samples, while caches fill. */
const WARM_UP = 1 / 3;
const TEN_MINUTES_MS = 600_000;

/** What one process held over time, and what that says. */
export interface Verdict {
  readonly process: string;
  readonly of: 'memory, MiB' | 'handles' | 'lag, records';
  readonly samples: number;
  readonly median: number;
  readonly growth: number;
  readonly percent_per_10_min: number;
  readonly flat: boolean;
}

type Series = Record<Verdict['of'], Sample[]>;

/** Looks at processes that are not killed, again and again: what they hold after a collection, and how far they lag. */
export class Watch {
  private readonly series = new Map<string, Series>();
  private readonly lags: Sample[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  constructor(
    private readonly system: SeveralOfEach,
    private readonly spared: readonly string[],
  ) {}

  start(everyMs: number): void {
    this.timer = setInterval(() => {
      this.looking = this.looking.then(() => this.look());
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private async look(): Promise<void> {
    const atMs = performance.now();
    for (const { name, service, process } of this.system.instances) {
      if (!process || !this.spared.includes(name)) continue;
      const holds = await probe(process.child.process).catch(() => null);
      if (!holds) continue;
      const series = this.of(name);
      series['memory, MiB'].push({ atMs, value: holds.memoryBytes / 1_048_576 });
      series.handles.push({ atMs, value: holds.handles });
      const lag = service === 'metering' ? await lagOf(process.url) : null;
      if (lag !== null) this.lags.push({ atMs, value: lag });
    }
  }

  private of(name: string): Series {
    const series = this.series.get(name) ?? { 'memory, MiB': [], handles: [], 'lag, records': [] };
    this.series.set(name, series);
    return series;
  }

  verdicts(): Verdict[] {
    const all = [...this.series].flatMap(([process, series]) => [
      verdict(process, 'memory, MiB', series['memory, MiB'], isFlatMemory),
      verdict(process, 'handles', series.handles, ({ growth }) => growth <= HANDLES),
    ]);
    return [...all, verdict('metering', 'lag, records', this.lags, ({ growth }) => growth <= LAG_RECORDS)];
  }
}

function isFlatMemory({ growth, median, sharePer10Min }: Trend, spanMs: number): boolean {
  return spanMs < TEN_MINUTES_MS ? growth <= SHORT_RUN_SHARE * median : sharePer10Min <= MEMORY_SHARE;
}

function verdict(
  process: string,
  of: Verdict['of'],
  samples: readonly Sample[],
  isFlat: (trend: Trend, spanMs: number) => boolean,
): Verdict {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP));
  const trend = trendOf(settled);
  const round = (value: number) => Math.round(value * 100) / 100;
  return {
    process,
    of,
    samples: settled.length,
    median: round(trend.median),
    growth: round(trend.growth),
    percent_per_10_min: round(100 * trend.sharePer10Min),
    flat: isFlat(trend, settled.at(-1)!.atMs - settled[0]!.atMs),
  };
}

async function lagOf(url: string): Promise<number | null> {
  const text = await fetch(`${url}/metrics`).then(
    (answer) => answer.text(),
    () => '',
  );
  const value = Number(/^tollgate_usage_lag_records (\S+)$/m.exec(text)?.[1]);
  return Number.isNaN(value) ? null : value;
}
