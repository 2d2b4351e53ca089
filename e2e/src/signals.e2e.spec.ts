import { ERRORS } from '@tollgate/contracts/errors';
import { usageRecorded } from '@tollgate/contracts/events';
import { eventually } from '@tollgate/testing/eventually';
import { ExposedMetrics } from './exposed-metrics.ts';
import { alerts, dashboards, filledIn } from './observability.ts';
import { type Selector, selectorsOf } from './promql.ts';
import { chat, fake, System } from './system.ts';

const WITHIN = { within_ms: 20_000 };

describe('what the services tell their operator', () => {
  let system: System;
  const exposed = new ExposedMetrics();

  beforeAll(async () => {
    system = await System.start('signals', { with: ['billing-export'] });
    await use();
    await eventually(async () => {
      const text = await scrape('metering');
      expect(text).toMatch(/^tollgate_usage_records_total\{outcome="recorded"\} [1-9]/m);
      expect(text).toMatch(/^tollgate_fold_delay_seconds_count [1-9]/m);
      expect(await scrape('billing-export')).toMatch(/^tollgate_billing_lag_records\{/m);
    }, WITHIN);
    for (const service of system.services) exposed.add(await scrape(service));
  }, 60_000);
  afterAll(() => system?.stop());

  const scrape = async (service: System['services'][number]) =>
    (await fetch(`${system.urlOf(service)}/metrics`)).text();

  /** Has everything happen once of which there is a figure only when it has. */
  async function use() {
    const { secret } = await system.admin.createKey({ limits: { requests_per_minute: 4 } });
    const client = system.client(secret);
    await client.chat.completions.create(chat('hello'));
    const stream = await client.chat.completions.create({ ...chat('hello'), stream: true });
    for await (const _ of stream);
    await expect(client.chat.completions.create(chat(fake({ status: 400 })))).rejects.toThrow();
    const leaving = new AbortController();
    const left = client.chat.completions.create(chat(fake({ delay_ms: 500 })), { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 100);
    await expect(left).rejects.toThrow();
    await expect(client.chat.completions.create(chat('too many'))).rejects.toThrow('429');
  }

  /** Values that may come, whether they did or not. */
  const possible = ({ metric }: Selector, label: string): readonly string[] => {
    if (label === 'reason') return Object.keys(ERRORS);
    if (metric === 'tollgate_attempts_total' && label === 'status') return usageRecorded.shape.status.options;
    if (label === 'status') return ['1xx', '2xx', '3xx', '4xx', '5xx'];
    if (label === 'job') return system.services;
    return [];
  };
  /** What Prometheus puts on every series by itself, and the bound of a bucket. */
  const everywhere = new Set(['job', 'instance']);

  function problems(expression: string, legend = ''): string[] {
    const selectors = selectorsOf(filledIn(expression));
    const found: string[] = [];
    for (const selector of selectors) {
      const { metric, matchers, groupedBy } = selector;
      if (metric !== 'up' && !exposed.has(metric)) found.push(`nobody exposes ${metric}`);
      const labels = [...matchers.map(({ label }) => label), ...groupedBy];
      for (const label of labels) {
        if (!everywhere.has(label) && !exposed.values(metric, label))
          found.push(`${metric} has no label ${label}`);
      }
      for (const { label, op, value } of matchers) {
        if (value === '.*' || !op.startsWith('=')) continue;
        const seen = exposed.values(metric, label);
        for (const one of value.split('|'))
          if (!seen?.has(one) && !possible(selector, label).includes(one))
            found.push(`${metric} has no ${label} ${one}`);
      }
    }
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g)) {
      const isThere = selectors.some(
        ({ metric, groupedBy }) =>
          groupedBy.includes(label!) ||
          (groupedBy.length === 0 && (everywhere.has(label!) || exposed.values(metric, label!))),
      );
      if (!isThere) found.push(`the legend's ${label} is no label`);
    }
    return found;
  }

  it.each(
    dashboards.flatMap(({ title, panels }) =>
      panels.filter(({ targets }) => targets).map((panel) => [`${title}: ${panel.title}`, panel] as const),
    ),
  )('panel %s asks for what a service exposes', (_, { targets }) => {
    for (const { expr, legendFormat } of targets!) expect(problems(expr, legendFormat)).toEqual([]);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    'alert %s asks for what a service exposes, and speaks of labels that it has',
    (_, { expr, annotations }) => {
      expect(problems(expr)).toEqual([]);
      const said = `${annotations.summary} ${annotations.description ?? ''}`;
      for (const [, label] of said.matchAll(/\$labels\.(\w+)/g)) {
        const isKept = selectorsOf(expr).some(
          ({ metric, groupedBy }) =>
            groupedBy.includes(label!) ||
            (groupedBy.length === 0 && (everywhere.has(label!) || exposed.values(metric, label!))),
        );
        expect([label, isKept]).toEqual([label, true]);
      }
    },
  );

  it('names metrics by one rule: tollgate_, base units, counters in _total', () => {
    const own = exposed.names.filter((name) => name.startsWith('tollgate_'));
    expect(own.length).toBeGreaterThan(40);
    for (const name of own) expect(name).toMatch(/^tollgate_[a-z_]+$/);
    expect(own.filter((name) => /_(ms|millis|minutes|hours|mb|kb|percent)(_|$)/.test(name))).toEqual([]);
  });
});
