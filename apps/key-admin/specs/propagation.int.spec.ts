import { keyOverview } from '@tollgate/contracts/admin-http';
import type { CloudEvent } from '@tollgate/contracts/events';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import pg from 'pg';
import { GatewayStandIn } from './gateway-stand-in.ts';
import { MeteringStandIn } from './metering-stand-in.ts';
import { ADMIN_ID, ADMIN_KEY, RunningKeyAdmin } from './running-key-admin.ts';

const topicPrefix = uniqueTopicPrefix('propagation');

let database: TestDatabase;
let db: pg.Client;
let metering: MeteringStandIn;
let admin: RunningKeyAdmin;
let gateway: GatewayStandIn;
const logs: string[][] = [];
const secrets: string[] = [];

async function startAdmin(): Promise<void> {
  admin = await RunningKeyAdmin.start({ databaseUrl: database.url, topicPrefix, meteringUrl: metering.url });
  logs.push(admin.log);
}
beforeAll(async () => {
  database = await createTestDatabase();
  db = new pg.Client({ connectionString: database.url });
  await db.connect();
  metering = await MeteringStandIn.start();
  await startAdmin();
  await eventually(async () => expect((await admin.call('GET', '/readyz')).body.ready).toBe(true));
});
afterAll(async () => {
  await gateway.stop();
  await admin.stop();
  await metering.stop();
  await db.end();
  await database.drop();
});

const headersOf = ({ id, source, type, time, subject }: CloudEvent) => ({
  ce_id: id,
  ce_source: source,
  ce_type: type,
  ce_time: time,
  ce_subject: subject,
});

let names = 0;
async function create() {
  const { status, body } = await admin.call('POST', '/v1/keys', { name: `key ${++names}` });
  expect(status).toBe(201);
  secrets.push(body.secret);
  return body as { key: { id: string }; secret: string; propagation: object };
}

describe('a change', () => {
  it('is complete at once where there is no gateway', async () => {
    expect((await create()).propagation).toMatchObject({ complete: true, gateways: 0, acknowledged: 0 });
  });

  it('answers when the live gateway has applied it, well within its second', async () => {
    gateway = await GatewayStandIn.start('gw-1', topicPrefix);
    await gateway.report();
    await eventually(async () => expect((await create()).propagation).toMatchObject({ gateways: 1 }));
    await atBest(acknowledgesEachChange);
  });

  async function acknowledgesEachChange(): Promise<void> {
    const { key, propagation } = await create();
    expect(propagation).toMatchObject({ complete: true, gateways: 1, acknowledged: 1 });
    expect(gateway.versionsOf(key.id)).toEqual([1]);
    const path = `/v1/keys/${key.id}`;
    const rotated = await admin.call('POST', `${path}/rotate`, {});
    secrets.push(rotated.body.secret);
    const answers = [
      rotated.body,
      (await admin.call('PATCH', path, { enabled: false, limits: { tokens: 5 } })).body,
      (await admin.call('PATCH', path, { enabled: true })).body,
      (await admin.call('POST', `${path}/reset`, {})).body,
      (await admin.call('DELETE', path)).body,
    ];
    for (const answer of answers) {
      expect(answer.propagation).toMatchObject({ complete: true, gateways: 1, acknowledged: 1 });
    }
    expect(gateway.versionsOf(key.id)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const of = gateway.events.filter(({ subject }) => subject === key.id);
    expect(of.map(({ type, id, source, data }) => [type, id, source, data.actor])).toEqual(
      ['created', 'rotated', 'updated', 'disabled', 'enabled', 'reset', 'revoked'].map((change, i) => [
        `tollgate.key.${change}.v1`,
        `${key.id}/${i + 1}`,
        '/key-admin',
        ADMIN_ID,
      ]),
    );
    expect(of.map(({ data }) => data.state.limit_revision)).toEqual([1, 1, 2, 2, 2, 2, 2]);
    expect(of.at(-1)?.data.state).toMatchObject({ generation: 1, enabled: true, limits: { tokens: 5 } });
    expect(of.at(-1)?.data.state.revoked_at).not.toBeNull();
  }

  it('answers after a second that it is not complete where a live gateway stays silent', async () => {
    gateway.acknowledging = false;
    await atBest(async () => {
      await gateway.report();
      const start = performance.now();
      const { propagation } = await create();
      expect(propagation).toMatchObject({ complete: false, gateways: 1, acknowledged: 0 });
      expect(performance.now() - start).toBeLessThan(2_000);
    });
    gateway.acknowledging = true;
  });

  it('does not wait for a gateway that said goodbye', async () => {
    gateway.acknowledging = false;
    await gateway.report(true);
    await eventually(async () => expect((await create()).propagation).toMatchObject({ gateways: 0 }));
    gateway.acknowledging = true;
  });
});

it('an overview shows the requests that live gateways counted in the last minute', async () => {
  const { key } = await create();
  gateway.windows = { [key.id]: 7 };
  await gateway.report();
  const shown = async () =>
    keyOverview.parse((await admin.call('GET', `/v1/keys/${key.id}/overview`)).body).meter
      .requests_last_minute;
  await eventually(async () => expect(await shown()).toBe(7));
  gateway.windows = { [key.id]: 0 };
  await eventually(async () => expect(await shown()).toBe(0));
  gateway.windows = {};
});

it('the keys topic gets heartbeats on every partition', async () => {
  await eventually(() => expect([...gateway.beats.keys()]).toHaveLength(12));
});

describe('nothing that was committed is lost, and each key’s versions leave in order', () => {
  const change = (id: string, n: number) =>
    admin.call('PATCH', `/v1/keys/${id}`, { purpose: `purpose ${n}` });

  it('under concurrent changes of several keys', async () => {
    const keys = await Promise.all([create(), create(), create()]);
    const changes = keys.flatMap(({ key }) => Array.from({ length: 15 }, (_, n) => change(key.id, n)));
    await Promise.all(changes);
    const expected = Array.from({ length: 16 }, (_, i) => i + 1);
    for (const { key } of keys) {
      await eventually(() => expect(gateway.versionsOf(key.id)).toEqual(expected));
    }
  });

  it('when every database connection is ended, which the process survives', async () => {
    const { key } = await create();
    const others = `select pg_terminate_backend(pid) from pg_stat_activity
                    where datname = current_database() and pid <> pg_backend_pid()`;
    expect((await db.query(others)).rowCount).toBeGreaterThan(1);
    const took = await eventually(async () => expect((await change(key.id, 1)).status).toBe(200));
    await eventually(() => expect(gateway.versionsOf(key.id)).toContain(2));
    expect(took).toBeLessThan(10_000);
    expect(admin.exited).toBe(false);
    await eventually(async () => expect((await admin.call('GET', '/readyz')).status).toBe(200));
  });

  it('when the database takes no connections for a while, of which callers are told', async () => {
    const { key } = await create();
    const name = (await db.query('select current_database() as name')).rows[0].name as string;
    const server = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
    await server.connect();
    try {
      await server.query(`alter database "${name}" allow_connections false`);
      await db.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [name],
      );
      await eventually(async () => {
        const { status, headers, body } = await change(key.id, 1);
        expect([status, body.error.code]).toEqual([503, 'database_unavailable']);
        expect(headers.get('retry-after')).toBe('1');
      });
    } finally {
      await server.query(`alter database "${name}" allow_connections true`);
      await server.end();
    }
    await eventually(async () => expect((await change(key.id, 2)).status).toBe(200));
    await eventually(() => expect(gateway.versionsOf(key.id)).toContain(2));
  });

  it('when the process is killed with records in the outbox', async () => {
    const { key } = await create();
    // What a killed process leaves behind: committed rows that no relay has published.
    await admin.stop('SIGKILL');
    const last = gateway.events.filter(({ subject }) => subject === key.id).at(-1)!;
    const headers = { ...headersOf(last), ce_id: `${key.id}/2` };
    const value = JSON.stringify({ ...last.data, version: 2 });
    const row = `insert into outbox (topic, key, headers, value) values ('keys', $1, $2, $3)`;
    await db.query(row, [key.id, JSON.stringify(headers), value]);
    await startAdmin();
    await eventually(() => expect(gateway.versionsOf(key.id)).toEqual([1, 2]));
    await eventually(async () => {
      expect((await db.query('select from outbox')).rowCount).toBe(0);
      const { rows } = await db.query('select version from publications where scope_id = $1', [key.id]);
      expect(rows[0].version).toBe(2);
    });
  });

  it('and the last record of a key is its current one, though a relay that lost its lead published an old one after it', async () => {
    const { key } = await create();
    const old = gateway.events.find(({ subject }) => subject === key.id)!;
    await admin.call('DELETE', `/v1/keys/${key.id}`);
    await eventually(() => expect(gateway.versionsOf(key.id)).toEqual([1, 2]));
    await admin.stop();
    const values = [key.id, JSON.stringify(headersOf(old)), JSON.stringify(old.data)];
    await db.query(`insert into outbox (topic, key, headers, value) values ('keys', $1, $2, $3)`, values);
    // The relay publishes the old record; when it comes to delete the row, the row is gone.
    await db.query('begin');
    await db.query('select from outbox for update');
    await startAdmin();
    await eventually(() => expect(gateway.versionsOf(key.id)).toEqual([1, 2, 1]));
    await db.query('delete from outbox');
    await db.query('commit');
    await eventually(() => expect(gateway.versionsOf(key.id)).toEqual([1, 2, 1, 2]));
    expect(gateway.events.at(-1)?.type).toBe('tollgate.key.revoked.v1');
  });
});

it('no secret is anywhere but in the answer that showed it', async () => {
  const canaries = [...secrets, ADMIN_KEY].map((token) => token.split('_')[2]!.slice(0, 43));
  expect(canaries.length).toBeGreaterThan(5);
  const tables = await db.query(`select tablename from pg_tables where schemaname = 'public'`);
  let written = `${JSON.stringify(gateway.events)}\n${logs.flat().join('\n')}`;
  for (const { tablename } of tables.rows) {
    const { rows } = await db.query(`select t::text as text from "${tablename}" t`);
    written += rows.map(({ text }) => text).join('\n');
  }
  const { digest } = gateway.events.flatMap(({ data }) => data.state.secrets ?? [])[0]!;
  expect(written).toContain(digest);
  expect(canaries.filter((canary) => written.includes(canary))).toEqual([]);
});
