import { Counter, type Metric, register } from 'prom-client';

/**
 * Metrics of what happens with every request. prom-client takes one to two µs to look at an observation's labels; these
 * take some tens of ns, and put labels together when somebody asks.
 */
interface Description {
  readonly name: string;
  readonly help: string;
  /** Of each label a handful of values, whatever callers send. */
  readonly labels: readonly string[];
}

/** What is counted under one set of label values. */
export interface Count {
  value: number;
}

/** Counters by label values. */
export class Tally {
  private readonly counts = new Map<string, Count & { readonly labels: Record<string, string> }>();

  constructor(private readonly described: Description) {
    const { counts } = this;
    new Counter({
      name: described.name,
      help: described.help,
      labelNames: [...described.labels],
      collect() {
        this.reset();
        for (const { labels, value } of counts.values()) this.inc(labels, value);
      },
    });
  }

  /** The counter of these label values, in the order of the labels; it exists from the first time on, at zero. */
  of(...values: string[]): Count {
    const name = values.join('\n');
    let count = this.counts.get(name);
    if (!count) {
      count = { labels: labelsOf(this.described.labels, values), value: 0 };
      this.counts.set(name, count);
    }
    return count;
  }
}

/** How observations of one set of label values are spread. */
export class Spread {
  readonly counts: Float64Array;
  sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket += 1;
    this.counts[bucket]! += 1;
    this.sum += value;
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** Histograms by label values, as Prometheus has them. */
export class SpreadTally {
  private readonly spreads = new Map<string, { readonly labels: Record<string, string>; spread: Spread }>();

  /** @param bounds upper bounds of the buckets, ascending, without infinity */
  constructor(
    private readonly described: Description,
    private readonly bounds: readonly number[],
  ) {
    const { name, help } = described;
    const metric = {
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      get: () => ({ name, help, type: 'histogram', aggregator: 'sum', values: this.samples() }),
    };
    register.registerMetric(metric as unknown as Metric);
  }

  of(...values: string[]): Spread {
    const name = values.join('\n');
    let found = this.spreads.get(name);
    if (!found) {
      found = { labels: labelsOf(this.described.labels, values), spread: new Spread(this.bounds) };
      this.spreads.set(name, found);
    }
    return found.spread;
  }

  private samples(): Sample[] {
    const { name } = this.described;
    return [...this.spreads.values()].flatMap(({ labels, spread }) => {
      let count = 0;
      const buckets = [...spread.counts].map((inBucket, index): Sample => {
        count += inBucket;
        const le = this.bounds[index] ?? '+Inf';
        return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: spread.sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  }
}

const labelsOf = (names: readonly string[], values: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name, index) => [name, values[index]!]));
