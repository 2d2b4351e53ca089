import type { TeamChanged } from '@tollgate/contracts/events';
import { organizationAnswer, organizationOverview } from '@tollgate/contracts/organization-http';
import { team, teamAnswer, teamOverview, teamPage } from '@tollgate/contracts/teams-http';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { GatewayStandIn } from './gateway-stand-in.ts';
import { MeteringStandIn } from './metering-stand-in.ts';
import { ADMIN_ID, type Answer, RunningKeyAdmin } from './running-key-admin.ts';

let database: TestDatabase;
let metering: MeteringStandIn;
let gateway: GatewayStandIn;
let admin: RunningKeyAdmin;

beforeAll(async () => {
  database = await createTestDatabase();
  metering = await MeteringStandIn.start();
  const topicPrefix = uniqueTopicPrefix('teams');
  admin = await RunningKeyAdmin.start({ databaseUrl: database.url, topicPrefix, meteringUrl: metering.url });
  gateway = await GatewayStandIn.start('gateway-spec', topicPrefix);
});
afterAll(async () => {
  expect(await admin.stop()).toBe(0);
  await gateway.stop();
  await metering.stop();
  await database.drop();
});

let names = 0;
const createTeam = async (body: object = {}) => {
  const answer = await admin.call('POST', '/v1/teams', { name: `team ${++names}`, ...body });
  expect(answer.status).toBe(201);
  return teamAnswer.parse(answer.body);
};
const createKey = (body: object) => admin.call('POST', '/v1/keys', { name: `key ${++names}`, ...body });
const refusal = ({ status, body }: Answer) => [status, body.error.code, body.error.param];

it('a deployment starts with its organization and one team, which gateways are told of', async () => {
  const organization = organizationAnswer.parse((await admin.call('GET', '/v1/organization')).body);
  expect(organization).toMatchObject({
    id: 'org_default',
    version: 1,
    warning_thresholds: [50, 80, 95, 100],
    webhooks: [],
  });
  const [first] = teamPage.parse((await admin.call('GET', '/v1/teams')).body).data;
  expect(first).toMatchObject({ id: 'team_default', name: 'Default', created_by: 'system' });
  for (const path of ['/v1/organization', '/v1/teams/team_default']) {
    await eventually(async () => {
      const { body } = await admin.call('GET', `${path}/propagation`);
      expect(body).toMatchObject({ version: 1, complete: true, gateways: [{ instance: 'gateway-spec' }] });
    });
  }
});

it('a second start founds nothing anew', async () => {
  const again = await RunningKeyAdmin.start({
    databaseUrl: database.url,
    topicPrefix: uniqueTopicPrefix('again'),
  });
  expect((await again.call('GET', '/v1/organization')).body.version).toBe(1);
  expect(await again.stop()).toBe(0);
});

describe('a team', () => {
  it('is created with limits, changed by version, reset and deleted, each known to the gateways in the answer', () =>
    atBest(async () => {
      const created = await createTeam({ limits: { tokens: 1_000 } });
      expect(created).toMatchObject({ limits: { tokens: 1_000, cost_usd: null }, live_keys: 0, version: 1 });
      expect(created.propagation).toMatchObject({ complete: true, gateways: 1, acknowledged: 1 });
      const path = `/v1/teams/${created.id}`;
      const changed = await admin.call('PATCH', path, { limits: { cost_usd: 5 } }, { 'if-match': '"1"' });
      expect(changed.body).toMatchObject({ limits: { tokens: 1_000, cost_usd: '5.00' }, version: 2 });
      expect(changed.body.propagation.complete).toBe(true);
      const stale = await admin.call('PATCH', path, { name: 'x' }, { 'if-match': '"1"' });
      expect(refusal(stale)).toEqual([412, 'precondition_failed', null]);
      expect((await admin.call('POST', `${path}/reset`, { reason: 'a new budget' })).body.version).toBe(3);
      const deleted = await admin.call('DELETE', path);
      expect(deleted.body).toMatchObject({ version: 4, deleted_at: expect.any(String) });
      expect((await admin.call('DELETE', path)).body.version).toBe(4);
      expect(team.parse((await admin.call('GET', path)).body).deleted_at).not.toBeNull();
      expect(refusal(await admin.call('PATCH', path, { name: 'y' }))).toEqual([409, 'conflict', null]);
      const { data } = teamPage.parse((await admin.call('GET', '/v1/teams?limit=200')).body);
      expect(data.map(({ id }) => id)).not.toContain(created.id);
      const told = gateway.eventsOf(created.id).map(({ type }) => type);
      expect(told).toEqual(
        ['created', 'updated', 'reset', 'deleted'].map((what) => `tollgate.team.${what}.v1`),
      );
      const last = gateway.eventsOf(created.id).at(-1)!.data as TeamChanged;
      expect(last.state).toMatchObject({
        generation: 1,
        limit_revision: 2,
        deleted_at: deleted.body.deleted_at,
      });
    }));

  it('has a name of its own, whatever the case', async () => {
    await createTeam({ name: 'Größe' });
    const again = await admin.call('POST', '/v1/teams', { name: 'GRÖSSE'.replace('SS', 'ß') });
    expect(refusal(again)).toEqual([409, 'name_taken', 'name']);
  });

  it('is listed by name, page after page, and found by a part of it', async () => {
    for (const name of ['paging c', 'paging a', 'paging b']) await createTeam({ name });
    const first = teamPage.parse((await admin.call('GET', '/v1/teams?search=PAGING&limit=2')).body);
    expect(first.data.map(({ name }) => name)).toEqual(['paging a', 'paging b']);
    const rest = await admin.call('GET', `/v1/teams?search=paging&limit=2&cursor=${first.next_cursor}`);
    expect(teamPage.parse(rest.body)).toMatchObject({ data: [{ name: 'paging c' }], next_cursor: null });
    const wrong = await admin.call('GET', '/v1/teams?cursor=x');
    expect(refusal(wrong)).toEqual([422, 'invalid_field', 'cursor']);
  });

  it('keeps its keys, and stays while one of them lives', async () => {
    const { id } = await createTeam();
    const { body } = await createKey({ team_id: id });
    expect(body.key.team_id).toBe(id);
    expect((await admin.call('GET', `/v1/keys?team_id=${id}`)).body.data).toHaveLength(1);
    expect((await admin.call('GET', `/v1/teams/${id}`)).body.live_keys).toBe(1);
    const refused = await admin.call('DELETE', `/v1/teams/${id}`);
    expect(refusal(refused)).toEqual([409, 'conflict', null]);
    expect(refused.body.error.message).toContain(`GET /v1/keys?team_id=${id}`);
    await admin.call('DELETE', `/v1/keys/${body.key.id}`);
    expect((await admin.call('DELETE', `/v1/teams/${id}`)).status).toBe(200);
    expect(refusal(await createKey({ team_id: id }))).toEqual([422, 'invalid_field', 'team_id']);
    expect(refusal(await admin.call('DELETE', '/v1/teams/team_default'))).toEqual([409, 'conflict', null]);
  });

  it('is changed and deleted at once by many, and each of them gets an answer', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await createTeam();
      const calls = Array.from({ length: 12 }, (_, i) =>
        i % 3
          ? admin.call('PATCH', `/v1/teams/${id}`, { limits: { tokens: i } })
          : admin.call('DELETE', `/v1/teams/${id}`),
      );
      const statuses = (await Promise.all(calls)).map(({ status }) => status);
      expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([]);
    }
  });

  it('gets no key while it is being deleted', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await createTeam();
      const [created, deleted] = await Promise.all([
        createKey({ team_id: id }),
        admin.call('DELETE', `/v1/teams/${id}`),
      ]);
      expect([created.status, deleted.status].sort()).toEqual(
        created.status === 201 ? [201, 409] : [200, 422],
      );
    }
  });

  it('shows what its keys used together', async () => {
    const { id } = await createTeam({ limits: { tokens: 10 } });
    const overview = teamOverview.parse((await admin.call('GET', `/v1/teams/${id}/overview`)).body);
    expect(overview).toMatchObject({ team: { id }, meter: { tokens: 0, remaining: { tokens: 10 } } });
  });
});

describe('the organization', () => {
  it('takes limits, thresholds and webhooks in one change, all or none', async () => {
    const { version } = (await admin.call('GET', '/v1/organization')).body;
    const changed = await admin.call('PATCH', '/v1/organization', {
      name: 'Acme',
      limits: { cost_usd: '100' },
      warning_thresholds: [90],
      webhooks: [{ url: 'https://hooks.example/secret-path' }],
    });
    expect(organizationAnswer.parse(changed.body)).toMatchObject({
      name: 'Acme',
      warning_thresholds: [90],
      version: version + 1,
      webhook_secrets: [{ secret: expect.stringMatching(/^whsec_/) }],
    });
    const bad = { name: 'Not', webhooks: [{ url: 'https://127.0.0.1' }] };
    expect((await admin.call('PATCH', '/v1/organization', bad)).status).toBe(422);
    const overview = await admin.call('GET', '/v1/organization/overview');
    expect(organizationOverview.parse(overview.body)).toMatchObject({
      organization: { name: 'Acme', webhooks: [{ url: 'https://hooks.example/secret-path' }] },
      meter: { remaining: { cost_usd: '100.00' } },
    });
    expect(JSON.stringify(overview.body)).not.toContain('whsec_');
  });

  it.each([
    [[80, 50], 'warning_thresholds'],
    [[50, 50], 'warning_thresholds'],
    [[0], 'warning_thresholds.0'],
    [[101], 'warning_thresholds.0'],
  ])('refuses %j as thresholds', async (warning_thresholds, param) => {
    const refused = await admin.call('PATCH', '/v1/organization', { warning_thresholds });
    expect(refusal(refused)).toEqual([422, 'invalid_field', param]);
  });

  it('is reset', async () => {
    await atBest(async () => {
      const { version } = (await admin.call('GET', '/v1/organization')).body;
      const reset = await admin.call('POST', '/v1/organization/reset', { reason: 'spec' });
      expect(reset.body).toMatchObject({ version: version + 1, propagation: { complete: true } });
    });
  });
});

it('changes say who made them', async () => {
  const { id } = await createTeam();
  await eventually(() =>
    expect((gateway.eventsOf(id)[0]?.data as TeamChanged | undefined)?.actor).toBe(ADMIN_ID),
  );
});
