import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TOPIC_NAMES, topicName } from '@tollgate/contracts/topics';
import { KafkaConnection } from '@tollgate/kafka/connection';
import { createLogger } from '@tollgate/service-kit/log';
import { newToken } from '@tollgate/service-kit/tokens';
import { eventually } from '@tollgate/testing/eventually';
import pg from 'pg';
import { chat, System } from './system.ts';

const PROMPT = 'the plans that nobody may read';
let system: System;

beforeAll(async () => {
  system = await System.start('secrets', { with: ['billing-export'], env: { LOG_LEVEL: 'trace' } });
});
afterAll(() => system?.stop());

/** The write-ahead log and the services' own logs. */
const files = () =>
  readdirSync(system.stateDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');

async function tables(): Promise<string> {
  let found = '';
  for (const connectionString of Object.values(system.databases)) {
    const db = new pg.Client({ connectionString });
    await db.connect();
    const { rows } = await db.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of rows) {
      const content = await db.query(`select t::text as row from ${name} t`);
      found += content.rows.map(({ row }) => `${row}\n`).join('');
    }
    await db.end();
  }
  return found;
}

/** Every record of every topic, with its key and headers. */
async function topics(): Promise<string> {
  const connection = new KafkaConnection({
    ...{ brokers: process.env['KAFKA_BROKERS']!.split(','), clientId: 'secrets', eventKeys: [] },
    ...{ topicPrefix: system.topicPrefix, logger: createLogger('spec', 'silent') },
  });
  const names = TOPIC_NAMES.map((name) => topicName(system.topicPrefix, name));
  const admin = connection.kafka.admin();
  await admin.connect();
  const ends = new Map<string, number>();
  for (const name of names) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(name)) {
      if (Number(high) > Number(low)) ends.set(`${name}/${partition}`, Number(high));
    }
  }
  await admin.disconnect();
  let found = '';
  const consumer = connection.kafka.consumer({ groupId: `${system.topicPrefix}-secrets` });
  await consumer.connect();
  await consumer.subscribe({ topics: names, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message: { key, value, headers, offset } }) => {
      found += `${key} ${value} ${Object.entries(headers ?? {})}\n`;
      if (Number(offset) + 1 >= (ends.get(`${topic}/${partition}`) ?? 0))
        ends.delete(`${topic}/${partition}`);
    },
  });
  await eventually(() => expect([...ends.keys()]).toEqual([]), { within_ms: 30_000 });
  await consumer.disconnect();
  return found;
}

it('no secret and no prompt is in a topic, a database, a log or the write-ahead log', async () => {
  const { client, url, adminKey } = system.admin;
  const made = await client.keys.create({ body: { name: 'canary' }, idempotencyKey: 'once' });
  const secret = made.secret!;
  const ask = (token: string) => system.client(token).chat.completions.create(chat(PROMPT));
  const answer = await ask(secret);
  const stream = await system.client(secret).chat.completions.create({ ...chat(PROMPT), stream: true });
  for await (const _ of stream);
  const early = files();
  const guess = newToken('tg', made.key.id.slice('key_'.length)).token;
  await expect(ask(guess)).rejects.toMatchObject({ status: 401 });
  const rotated = await client.keys.rotate({ id: made.key.id, body: {} });
  await ask(rotated.secret);
  const other = await client.adminKeys.create({ body: { name: 'canary', role: 'viewer' } });
  const { secret: webhookSecret } = await client.webhooks.create({ body: { url: 'https://h.example' } });
  const signedIn = await fetch(`${url}/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ admin_key: other.secret }),
  });
  const session = /tollgate_session=([^;]+)/.exec(signedIn.headers.get('set-cookie') ?? '')![1]!;
  // What was used has been everywhere when it has been counted.
  await eventually(
    async () => expect((await client.keys.overview({ id: made.key.id })).meter.requests).toBe(3),
    { within_ms: 20_000 },
  );

  const written = { topics: await topics(), tables: await tables(), files: early + files() };
  for (const text of Object.values(written)) expect(text).toContain(made.key.id);
  const secretOf = (token: string) => token.split('_')[2]!.slice(0, 43);
  const canaries = {
    ...{ secret: secretOf(secret), guess: secretOf(guess), rotated: secretOf(rotated.secret) },
    ...{ adminKey: secretOf(other.secret), bootstrap: secretOf(adminKey) },
    ...{ webhook: webhookSecret.slice('whsec_'.length), session },
    ...{ prompt: PROMPT, completion: answer.choices[0]!.message.content! },
  };
  for (const [name, canary] of Object.entries(canaries)) {
    expect(canary.length).toBeGreaterThan(8);
    const places = Object.entries(written).filter(([, text]) => text.includes(canary));
    expect([name, places.map(([place]) => place)]).toEqual([name, []]);
  }
});
