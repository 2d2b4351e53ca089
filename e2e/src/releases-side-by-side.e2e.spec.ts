import { readFileSync } from 'node:fs';
import type { EventType, KeyChanged, UsageRecorded } from '@tollgate/contracts/events';
import { toRecord } from '@tollgate/kafka/cloud-event';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { Publisher } from '@tollgate/kafka/publisher';
import { newId } from '@tollgate/service-kit/ids';
import { createLogger } from '@tollgate/service-kit/log';
import { digestSecret, newToken } from '@tollgate/service-kit/tokens';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { chat, System } from './system.ts';

const WAIT = { within_ms: 20_000, every_ms: 100 };
const keyOf = (versioned: string) => ({ version: 1, key: Buffer.from(versioned.slice(2), 'hex') });
/** An event as a released version wrote it. */
const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../packages/contracts/golden/${name}.json`, import.meta.url), 'utf8'));

describe('services of an older and of a newer release run beside these', () => {
  let system: System;
  let publisher: Publisher;
  let db: pg.Client;

  beforeAll(async () => {
    system = await System.start('releases', { with: ['billing-export'] });
    publisher = new Publisher(
      new KafkaConnection({
        brokers: process.env['KAFKA_BROKERS']!.split(','),
        clientId: 'spec',
        topicPrefix: system.topicPrefix,
        eventKeys: [keyOf(system.eventKeys)],
        logger: createLogger('spec', 'silent'),
      }),
    );
    await publisher.connect();
    db = new pg.Client({ connectionString: system.meteringDatabaseUrl });
    await db.connect();
  }, 90_000);
  afterAll(async () => {
    await db?.end();
    await publisher?.disconnect();
    await system?.stop();
  }, 60_000);

  const tell = (
    topic: 'keys' | 'usage' | 'limits',
    type: EventType,
    subject: string,
    data: object,
    id = newId('evt'),
  ) =>
    publisher.publish([
      toRecord(topic, { id, source: '/spec', type, time: new Date().toISOString(), subject, data }),
    ]);
  const statusOf = (token: string) =>
    system
      .client(token)
      .chat.completions.create(chat('hello'))
      .then(
        () => 200,
        (error: { status: number }) => error.status,
      );
  const deadLetters = async (url: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return [...text.matchAll(/^tollgate_dead_letters_total\S* (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };

  it('what the older wrote is understood, and what the newer adds is passed over', async () => {
    // A key as the first release told of it, before there were allow-lists.
    const id = newId('key');
    const { token, secret } = newToken('tg', id);
    const first = golden('tollgate.key.created.v1.first') as KeyChanged;
    const limits = { ...first.state.limits, tokens: null, cost_usd: null };
    const digest = digestSecret(secret, keyOf(system.keyPeppers).key);
    const told: KeyChanged = {
      ...first,
      state: { ...first.state, id, limits, secrets: [{ ...first.state.secrets[0]!, digest }] },
    };
    await tell('keys', 'tollgate.key.created.v1', id, told);
    await eventually(async () => expect(await statusOf(token)).toBe(200), WAIT);

    // Its usage as an older gateway writes it, and as a newer one does.
    const at = new Date().toISOString();
    const used: UsageRecorded = {
      ...golden('tollgate.usage.recorded.v1'),
      ...{ key_id: id, team_id: 'team_default', admitted_at: at, settled_at: at },
    };
    const newer = { ...used, carbon_grams: 0.2, tokens: { ...used.tokens, thinking_blocks: 3 } };
    await tell('usage', 'tollgate.usage.recorded.v1', id, { ...used, id: 'req_older/1' });
    await tell('usage', 'tollgate.usage.recorded.v1', id, { ...newer, id: 'req_newer/1' });
    await eventually(async () => {
      const { rows } = await db.query(
        'select id, tokens_total::int as tokens from usage_ledger where id = any ($1)',
        [['req_older/1', 'req_newer/1']],
      );
      expect(rows.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: 'req_newer/1', tokens: 600 },
        { id: 'req_older/1', tokens: 600 },
      ]);
    }, WAIT);
    await eventually(async () => {
      const headers = { authorization: `Bearer ${system.internalToken}` };
      const url = `${system.billingUrl}/v1/line-items?key_id=${id}&model=${used.model}&from=${at.slice(0, 13)}:00:00Z`;
      const text = await (await fetch(url, { headers })).text();
      expect(text).toContain('1200');
    }, WAIT);

    // A meter without an epoch, and one of a newer metering that blocks.
    const meter = { ...golden('tollgate.limit.metered.v1.first'), scope_id: id, through: {} };
    const period = { id: 'all', start: null, end: null };
    const ofNow = {
      ...meter,
      period,
      resets_at: null,
      used: { cost_usd: '0.00', tokens: 5, requests: 1 },
      blocked: [],
    };
    await tell('limits', 'tollgate.limit.metered.v1', id, { ...ofNow, sequence: 1_000 });
    await tell('limits', 'tollgate.limit.metered.v1', id, {
      ...{ ...ofNow, used: { ...ofNow.used, tokens: 999_999, images: 3 } },
      ...{ sequence: 1_001, forecast: { cost_usd: '1.00' } },
    });
    // And the key, limited by a key-admin that knows of more limits than these do.
    const limited = { ...limits, reset_period: 'never', tokens: 1_000_000, images: 10 };
    const later = {
      ...told,
      version: 2,
      state: { ...told.state, limits: limited, regions: ['eu'], limit_revision: 2 },
    };
    await tell('keys', 'tollgate.key.updated.v1', id, later);
    const blocked = {
      ...later,
      version: 3,
      state: { ...later.state, limits: { ...limited, tokens: 999_999 } },
    };
    await tell('keys', 'tollgate.key.updated.v1', id, blocked);
    await eventually(async () => expect(await statusOf(token)).toBe(429), WAIT);

    const services = ['gateway', 'metering', 'key-admin', 'billing-export'] as const;
    const dead = await Promise.all(services.map((service) => deadLetters(system.urlOf(service))));
    expect(dead).toEqual([0, 0, 0, 0]);
  }, 240_000);
});
