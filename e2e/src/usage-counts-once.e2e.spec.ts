import type { UsageRecorded } from '@tollgate/contracts/events';
import { type Batch, KafkaBatchServer } from '@tollgate/kafka/batch-server';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { Publisher } from '@tollgate/kafka/publisher';
import { createLogger } from '@tollgate/service-kit/log';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { chat, fake, System } from './system.ts';

describe('usage counts once', () => {
  let system: System;
  let publisher: Publisher;
  let reader: KafkaBatchServer;
  const published: UsageRecorded[] = [];

  beforeAll(async () => {
    system = await System.start('once');
    const connection = new KafkaConnection({
      brokers: process.env['KAFKA_BROKERS']!.split(','),
      clientId: 'spec',
      topicPrefix: system.topicPrefix,
      eventKeys: [{ version: 1, key: Buffer.from(system.eventKeys.slice(2), 'hex') }],
      logger: createLogger('spec', 'silent'),
    });
    publisher = new Publisher(connection);
    await publisher.connect();
    reader = new KafkaBatchServer(connection, publisher, { everyPartition: true, instance: 'spec' });
    reader.addHandler('usage', async ({ events }: Batch) => {
      for (const { event } of events) published.push(event.data as UsageRecorded);
    });
    await reader.listen(() => undefined);
  });
  afterAll(async () => {
    await reader?.close();
    await publisher?.disconnect();
    await system?.stop();
  });

  const ask = async (token: string, completionTokens: number) =>
    system
      .client(token)
      .chat.completions.create(chat(`hello ${fake({ completion_tokens: completionTokens })}`));
  const meterOf = async (id: string) => (await system.admin.overview(id)).meter;

  /** Of the records that this spec, a reader like any other, has seen of a key. */
  const idsOf = (keyId: string) =>
    new Set(published.filter(({ key_id }) => key_id === keyId).map(({ id }) => id));

  it('when the same record arrives twice', async () => {
    const { key, secret } = await system.admin.createKey();
    const { usage } = await ask(secret, 10);
    await eventually(async () => expect((await meterOf(key.id)).requests).toBe(1));
    await eventually(() => expect(idsOf(key.id).size).toBe(1));
    const record = published.find(({ key_id }) => key_id === key.id)!;
    const again = toRecord('usage', {
      id: record.id,
      source: '/gateway/spec',
      type: 'tollgate.usage.recorded.v1',
      time: record.settled_at,
      subject: key.id,
      data: record,
    });
    await publisher.publish([again, again]);
    // A record behind them shows that they have been handled.
    await ask(secret, 10);
    await eventually(async () => expect((await meterOf(key.id)).requests).toBe(2));
    expect((await meterOf(key.id)).tokens).toBe(2 * usage!.total_tokens);
  });

  it('when a gateway that knows it as its own gets the meter that includes it', async () => {
    const { key, secret } = await system.admin.createKey({ limits: { tokens: 100_000 } });
    let used = 0;
    for (let n = 0; n < 40; n += 1) {
      const { usage } = await ask(secret, 100);
      used += usage!.total_tokens;
      const answer = await fetch(`${system.gatewayUrl}/v1/key`, {
        headers: { authorization: `Bearer ${secret}` },
      });
      const { meter } = (await answer.json()) as { meter: { tokens: number } };
      expect(meter.tokens).toBe(used);
    }
    await eventually(async () => expect((await meterOf(key.id)).tokens).toBe(used));
  });

  it('when metering is killed while it counts and started again: the ledger is what the provider served', async () => {
    const { key, secret } = await system.admin.createKey();
    const asking = (async () => {
      for (let n = 0; n < 60; n += 1) await ask(secret, 10 + n);
    })();
    await eventually(async () => expect((await meterOf(key.id)).requests).toBeGreaterThan(5));
    await system.kill('metering');
    await asking;
    await system.startAgain('metering');
    await eventually(async () => expect((await meterOf(key.id)).requests).toBe(60));

    await eventually(() => expect(idsOf(key.id).size).toBe(60));
    const ids = idsOf(key.id);
    const served = (await system.provider.log({ state: 'ended' })).filter(({ request_id }) =>
      ids.has(request_id!),
    );
    const total = served.reduce((sum, each) => sum + each.prompt_tokens + each.completion_tokens, 0);
    expect(served).toHaveLength(60);
    expect((await meterOf(key.id)).tokens).toBe(total);
    expect(await ledger(key.id)).toEqual({ records: '60', tokens: String(total) });
  });

  it('in the usage, the statement and the export that an administrator gets of a key', async () => {
    const { key, secret } = await system.admin.createKey();
    for (let n = 0; n < 5; n += 1) await ask(secret, 10 + n);
    await eventually(async () => expect((await meterOf(key.id)).requests).toBe(5));
    const { cost_usd, tokens, requests } = await meterOf(key.id);

    const first = await system.admin.client.keys.statement({ id: key.id, query: { limit: 3 } });
    const last = await system.admin.client.keys.statement({
      id: key.id,
      query: { limit: 3, cursor: first.next_cursor! },
    });
    expect([first.data.length, last.data.length, last.next_cursor]).toEqual([3, 2, null]);
    expect(last.data[1]!.balance).toEqual({ cost_usd, tokens, requests });

    const usage = await system.admin.client.keys.usage({
      id: key.id,
      query: { bucket: 'day', group_by: 'provider' },
    });
    expect(usage.data.reduce((sum, entry) => sum + entry.tokens, 0)).toBe(tokens);

    const lines = (await system.admin.export(key.id, 'ndjson')).trimEnd().split('\n');
    const exported = lines.map((line) => JSON.parse(line) as { tokens_total: string });
    expect(exported.reduce((sum, record) => sum + Number(record.tokens_total), 0)).toBe(tokens);
    expect((await system.admin.export(key.id, 'csv')).split('\n')[0]).toMatch(/^id,kind,admitted_at,/);

    const tooLong = system.admin.client.keys.usage({
      id: key.id,
      query: { bucket: 'minute', from: '2026-01-01T00:00:00Z', to: '2026-02-01T00:00:00Z' },
    });
    await expect(tooLong).rejects.toMatchObject({ status: 422, param: 'from' });
    await expect(
      system.admin.client.keys.statement({ id: key.id, query: { cursor: 'nonsense' } }),
    ).rejects.toMatchObject({
      status: 422,
      code: 'invalid_field',
      param: 'cursor',
    });
  });

  async function ledger(keyId: string) {
    const client = new pg.Client({ connectionString: system.meteringDatabaseUrl });
    await client.connect();
    const { rows } = await client.query(
      'SELECT count(*)::text AS records, sum(tokens_total)::text AS tokens FROM usage_ledger WHERE key_id = $1',
      [keyId],
    );
    await client.end();
    return rows[0];
  }
});
