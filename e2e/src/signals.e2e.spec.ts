import { ERRORS } from '@tollgate/contracts/errors';
import { usageRecorded } from '@tollgate/contracts/events';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@tollgate/testing/otlp-receiver';
import { ExposedMetrics } from './exposed-metrics.ts';
import { alerts, dashboards, filledIn, scalingQueries } from './observability.ts';
import { type Selector, selectorsOf } from './promql.ts';
import { chat, fake, System } from './system.ts';

const PROMPT = 'a prompt that nobody may log';

describe('what the services tell their operator', () => {
  let system: System;
  let receiver: OtlpReceiver;
  const exposed = new ExposedMetrics();
  const lines: { readonly service: string; readonly line: string }[] = [];
  const secrets: string[] = [PROMPT];

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    system = await System.start('signals', {
      with: ['billing-export'],
      env: {
        LOG_LEVEL: 'trace',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      },
      onLine: (line, service) => void lines.push({ service, line }),
    });
    secrets.push(system.admin.adminKey, system.eventKeys.slice(2), system.internalToken);
    await use();
    await eventually(async () => {
      const text = await scrape('metering');
      expect(text).toMatch(/^tollgate_usage_records_total\{outcome="recorded"\} [1-9]/m);
      expect(text).toMatch(/^tollgate_fold_delay_seconds_count [1-9]/m);
      expect(await scrape('gateway')).toMatch(/^tollgate_requests_total\{.*outcome="aborted"/m);
      expect(await scrape('billing-export')).toMatch(/^tollgate_billing_lag_records\{/m);
    });
    for (const service of system.services) exposed.add(await scrape(service));
  }, 180_000);
  afterAll(async () => {
    await system?.stop();
    await receiver?.stop();
  });

  const scrape = async (service: System['services'][number]) =>
    (await fetch(`${system.urlOf(service)}/metrics`)).text();

  /** Has everything happen once of which there is a figure only when it has. */
  async function use() {
    const { secret } = await system.admin.createKey({ limits: { requests_per_minute: 4 } });
    secrets.push(secret);
    const client = system.client(secret);
    await client.chat.completions.create(chat(PROMPT));
    const stream = await client.chat.completions.create({ ...chat('hello'), stream: true });
    for await (const _ of stream);
    await expect(client.chat.completions.create(chat(fake({ status: 400 })))).rejects.toThrow();
    const leaving = new AbortController();
    const waiting = chat(fake({ delay_ms: 10_000 }));
    const left = client.chat.completions.create(waiting, { signal: leaving.signal });
    await system.provider.log({ state: 'in_flight', wait: 1 });
    leaving.abort();
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

  it.each(scalingQueries)('autoscaling by %s asks for what a service exposes', (query) => {
    expect(problems(query)).toEqual([]);
  });

  it('is one trace from the request to the fold of its record and the breach that follows', async () => {
    const connection = new KafkaConnection({
      brokers: process.env['KAFKA_BROKERS']!.split(','),
      clientId: 'spec',
      topicPrefix: system.topicPrefix,
      eventKeys: [{ version: 1, key: Buffer.from(system.eventKeys.slice(2), 'hex') }],
      logger: createLogger('spec', 'silent'),
    });
    const publisher = new Publisher(connection);
    await publisher.connect();
    const reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
    const breaches = new Map<string, string | undefined>();
    reader.addHandler('limit-events', async ({ events }: Batch) => {
      for (const { event, traceparent } of events)
        if (event.type === 'tollgate.limit.breached.v1') breaches.set(event.subject, traceparent);
    });
    await reader.listen(() => undefined);
    const { key, secret } = await system.admin.createKey({ limits: { tokens: 5 } });
    const { response } = await system
      .client(secret)
      .chat.completions.create(chat(`${PROMPT} ${fake({ completion_tokens: 20 })}`))
      .withResponse();
    await eventually(() => expect([...breaches.keys()]).toContain(key.id));
    await reader.close();
    await publisher.disconnect();

    const requestId = response.headers.get('x-request-id');
    const request = () =>
      receiver.spans.find(({ attributes }) => attributes['tollgate.request_id'] === requestId);
    const ofTrace = () => receiver.spans.filter(({ traceId }) => traceId === request()?.traceId);
    await eventually(() =>
      expect(new Set(ofTrace().map(({ service, name }) => `${service}: ${name}`))).toEqual(
        new Set([
          'gateway: POST /v1/chat/completions',
          'gateway: chat gpt-4o-mini',
          'metering: fold usage record',
          'metering: publish limit.warned',
          'metering: publish limit.breached',
        ]),
      ),
    );
    const named = (name: string) => ofTrace().find((span) => span.name === name)!;
    expect(named('fold usage record').parentSpanId).toBe(named('chat gpt-4o-mini').spanId);
    expect(named('publish limit.breached').parentSpanId).toBe(named('fold usage record').spanId);
    const breach = named('publish limit.breached');
    expect(breaches.get(key.id)).toBe(`00-${breach.traceId}-${breach.spanId}-01`);
    const transactions = receiver.spans.filter(({ name }) => name === 'fold usage');
    expect(transactions.some(({ linkedTraces }) => linkedTraces.includes(breach.traceId))).toBe(true);
  }, 180_000);

  it('logs lines of JSON, without prompts or secrets at any level', () => {
    for (const service of system.services) expect(lines.map((line) => line.service)).toContain(service);
    for (const { line } of lines) {
      expect(() => JSON.parse(line)).not.toThrow();
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), time: expect.any(Number) });
      for (const secret of secrets) expect(line).not.toContain(secret);
    }
  });

  it('names metrics by one rule: tollgate_, base units, counters in _total', () => {
    const own = exposed.names.filter((name) => name.startsWith('tollgate_'));
    expect(own.length).toBeGreaterThan(40);
    for (const name of own) expect(name).toMatch(/^tollgate_[a-z_]+$/);
    expect(own.filter((name) => /_(ms|millis|minutes|hours|mb|kb|percent)(_|$)/.test(name))).toEqual([]);
  });
});
