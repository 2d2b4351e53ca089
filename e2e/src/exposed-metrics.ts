const TYPE = /^# TYPE (\S+) (\S+)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const SERIES_OF: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Metric → label → values, of all that services say at `/metrics`. */
export class ExposedMetrics {
  private readonly metrics = new Map<string, Map<string, Set<string>>>();

  /** @param text as Prometheus scrapes it */
  add(text: string): void {
    for (const line of text.split('\n')) {
      const [, name, type] = TYPE.exec(line) ?? [];
      if (name) for (const suffix of SERIES_OF[type!] ?? ['']) this.of(name + suffix);
      const [, metric, labels = ''] = SAMPLE.exec(line) ?? [];
      if (!metric) continue;
      for (const [, label, value] of labels.matchAll(LABEL))
        this.valuesIn(this.of(metric), label!).add(value!);
    }
  }

  get names(): string[] {
    return [...this.metrics.keys()];
  }

  has(metric: string): boolean {
    return this.metrics.has(metric);
  }

  /** Values of a metric's label that were seen; `undefined` where it has no such label. */
  values(metric: string, label: string): ReadonlySet<string> | undefined {
    return this.metrics.get(metric)?.get(label);
  }

  private of(metric: string): Map<string, Set<string>> {
    let labels = this.metrics.get(metric);
    if (!labels) {
      labels = new Map();
      this.metrics.set(metric, labels);
    }
    return labels;
  }

  private valuesIn(labels: Map<string, Set<string>>, label: string): Set<string> {
    let values = labels.get(label);
    if (!values) {
      values = new Set();
      labels.set(label, values);
    }
    return values;
  }
}
