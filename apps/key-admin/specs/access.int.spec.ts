import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { keyPage } from '@tollgate/contracts/admin-http';
import {
  ADMIN_ROLES,
  type AdminRole,
  adminKeyPage,
  adminKeyWithSecret,
} from '@tollgate/contracts/admin-keys-http';
import { ALL_ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { uniqueTopicPrefix } from '@tollgate/testing/topic-prefix';
import { ADMIN_CONTROLLERS } from '../src/http/admin-controllers.ts';
import { MeteringStandIn } from './metering-stand-in.ts';
import { type Call, RunningKeyAdmin } from './running-key-admin.ts';

/** Route → the least role, and whether one who acts in one team alone may call it there. */
const MATRIX: Record<string, [least: AdminRole | 'anyone', where: 'in a team' | 'everywhere']> = {
  'POST /v1/session': ['anyone', 'everywhere'],
  'DELETE /v1/session': ['viewer', 'in a team'],
  'GET /v1/me': ['viewer', 'in a team'],
  'GET /v1/stream': ['viewer', 'in a team'],
  'POST /v1/keys': ['admin', 'in a team'],
  'POST /v1/keys/bulk': ['admin', 'in a team'],
  'GET /v1/keys': ['viewer', 'in a team'],
  'GET /v1/keys/:id': ['viewer', 'in a team'],
  'PATCH /v1/keys/:id': ['admin', 'in a team'],
  'DELETE /v1/keys/:id': ['admin', 'in a team'],
  'POST /v1/keys/:id/rotate': ['admin', 'in a team'],
  'POST /v1/keys/:id/reset': ['admin', 'in a team'],
  'GET /v1/keys/:id/propagation': ['viewer', 'in a team'],
  'GET /v1/keys/:id/overview': ['viewer', 'in a team'],
  'GET /v1/keys/:id/usage': ['viewer', 'in a team'],
  'GET /v1/keys/:id/requests': ['viewer', 'in a team'],
  'GET /v1/keys/:id/statement': ['viewer', 'in a team'],
  'GET /v1/keys/:id/export': ['viewer', 'in a team'],
  'POST /v1/teams': ['admin', 'everywhere'],
  'GET /v1/teams': ['viewer', 'in a team'],
  'GET /v1/teams/:id': ['viewer', 'in a team'],
  'PATCH /v1/teams/:id': ['admin', 'everywhere'],
  'DELETE /v1/teams/:id': ['admin', 'everywhere'],
  'POST /v1/teams/:id/reset': ['admin', 'everywhere'],
  'GET /v1/teams/:id/overview': ['viewer', 'in a team'],
  'GET /v1/teams/:id/propagation': ['viewer', 'in a team'],
  'GET /v1/teams/:id/usage': ['viewer', 'in a team'],
  'GET /v1/teams/:id/requests': ['viewer', 'in a team'],
  'GET /v1/teams/:id/statement': ['viewer', 'in a team'],
  'GET /v1/teams/:id/export': ['viewer', 'in a team'],
  'GET /v1/organization': ['viewer', 'everywhere'],
  'PATCH /v1/organization': ['owner', 'everywhere'],
  'POST /v1/organization/reset': ['owner', 'everywhere'],
  'GET /v1/organization/overview': ['viewer', 'everywhere'],
  'GET /v1/organization/propagation': ['viewer', 'everywhere'],
  'GET /v1/organization/usage': ['viewer', 'everywhere'],
  'GET /v1/organization/statement': ['viewer', 'everywhere'],
  'GET /v1/organization/export': ['viewer', 'everywhere'],
  'POST /v1/admin-keys': ['owner', 'in a team'],
  'GET /v1/admin-keys': ['owner', 'in a team'],
  'DELETE /v1/admin-keys/:id': ['owner', 'in a team'],
  'GET /v1/audit-log': ['admin', 'in a team'],
  'GET /v1/audit-log/export': ['admin', 'in a team'],
  'POST /v1/webhooks': ['owner', 'everywhere'],
  'GET /v1/webhooks': ['admin', 'everywhere'],
  'GET /v1/webhooks/:id': ['admin', 'everywhere'],
  'PATCH /v1/webhooks/:id': ['owner', 'everywhere'],
  'DELETE /v1/webhooks/:id': ['owner', 'everywhere'],
  'POST /v1/webhooks/:id/rotate': ['owner', 'everywhere'],
  'POST /v1/webhooks/:id/test': ['owner', 'everywhere'],
  'GET /v1/webhooks/:id/deliveries': ['admin', 'everywhere'],
  'POST /v1/webhooks/:id/deliveries/:delivery_id/retry': ['owner', 'everywhere'],
};

let database: TestDatabase;
let metering: MeteringStandIn;
let admin: RunningKeyAdmin;
let own: string;
let other: string;
const callers = new Map<string, Call>();

let names = 0;
const name = () => `spec ${++names}`;
const newTeam = async () => (await admin.call('POST', '/v1/teams', { name: name() })).body.id as string;
const newKey = async (team_id: string) =>
  (await admin.call('POST', '/v1/keys', { name: name(), team_id })).body.key.id as string;
async function newAdminKey(role: AdminRole, team_id: string | null) {
  const answer = await admin.call('POST', '/v1/admin-keys', { name: name(), role, team_id });
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
  return adminKeyWithSecret.parse(answer.body);
}

beforeAll(async () => {
  database = await createTestDatabase();
  metering = await MeteringStandIn.start();
  const topicPrefix = uniqueTopicPrefix('access');
  admin = await RunningKeyAdmin.start({ databaseUrl: database.url, topicPrefix, meteringUrl: metering.url });
  own = await newTeam();
  other = await newTeam();
  for (const role of ADMIN_ROLES) {
    callers.set(`${role} everywhere`, admin.as((await newAdminKey(role, null)).secret));
    callers.set(`${role} in a team`, admin.as((await newAdminKey(role, own)).secret));
  }
});
afterAll(async () => {
  expect(admin.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  expect(await admin.stop()).toBe(0);
  await metering.stop();
  await database.drop();
});

/** What the service registers, read off its controllers. */
function registeredRoutes(): string[] {
  return ADMIN_CONTROLLERS.flatMap((controller) => {
    const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
    const handlers = Object.getOwnPropertyNames(controller.prototype).map(
      (method) => Object.getOwnPropertyDescriptor(controller.prototype, method)!.value as object,
    );
    return handlers
      .filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler))
      .map((handler) => {
        const path = (Reflect.getMetadata(PATH_METADATA, handler) as string).replace(/^\/$/, '');
        const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler) as number];
        return `${method} /${base}${path && `/${path}`}`;
      });
  });
}

it('every route has a row, and every row is a route', () => {
  expect(registeredRoutes().sort()).toEqual(Object.keys(MATRIX).sort());
});

it('what is described is what is registered, for those who may call it', () => {
  const described = ALL_ADMIN_ROUTES.map(({ method, path, access }) => [`${method} ${path}`, access]);
  expect(Object.fromEntries(described)).toEqual(MATRIX);
  expect(described).toHaveLength(Object.keys(MATRIX).length);
});

/** The path of a route about something in a team; what a call may end is made anew. */
async function pathIn(route: string, team: string): Promise<[method: string, path: string]> {
  const [method, path] = route.split(' ') as [string, string];
  if (!path.includes(':id')) return [method, path];
  const id = path.startsWith('/v1/keys')
    ? await newKey(team)
    : path.startsWith('/v1/teams')
      ? team
      : path.startsWith('/v1/admin-keys')
        ? (await newAdminKey('viewer', team)).admin_key.id
        : 'whk_0000000000000000000000';
  return [method, path.replace(':id', id).replace(':delivery_id', 'dlv_0000000000000000000000')];
}

describe.each(Object.entries(MATRIX))('%s', (route, [least, where]) => {
  const isWebhook = route.includes('/v1/webhooks/:id');

  it.each(ADMIN_ROLES)(`is for ${least} and more, ${where}: as %s`, async (role) => {
    const enough = least === 'anyone' || ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(least);
    // A key that ends a team would end the one that the others of this spec act in.
    const ends = route === 'DELETE /v1/teams/:id';
    for (const scope of ['everywhere', 'in a team'] as const) {
      const call = callers.get(`${role} ${scope}`)!;
      const allowed = least === 'anyone' || (enough && (scope === 'everywhere' || where === 'in a team'));
      for (const team of [own, other]) {
        const [method, path] = await pathIn(route, ends && allowed ? await newTeam() : team);
        const { status } = await call(method, path, method === 'GET' ? undefined : {});
        if (!allowed) expect([path, status]).toEqual([path, 403]);
        else if (isWebhook) expect([path, status]).toEqual([path, 404]);
        else if (scope === 'in a team' && team === other && route.includes(':id'))
          expect([path, status]).toEqual([path, 404]);
        else expect([401, 403, 404]).not.toContain(status);
      }
    }
  });
});

describe('one who acts in one team', () => {
  let call: Call;
  let mine: string;
  let theirs: string;
  beforeAll(async () => {
    call = callers.get('owner in a team')!;
    mine = await newKey(own);
    theirs = await newKey(other);
  });

  it('sees and finds that team’s keys alone, and makes keys there unless told otherwise, which is refused', async () => {
    for (const query of ['limit=200', `limit=200&team_id=${other}`, 'limit=200&search=spec']) {
      const { data } = keyPage.parse((await call('GET', `/v1/keys?${query}`)).body);
      expect(data.every(({ team_id }) => team_id === own)).toBe(true);
    }
    expect((await call('POST', '/v1/keys', { name: name() })).body.key.team_id).toBe(own);
    const elsewhere = await call('POST', '/v1/keys', { name: name(), team_id: other });
    expect([elsewhere.status, elsewhere.body.error.param]).toEqual([422, 'team_id']);
    const teams = (await call('GET', '/v1/teams')).body.data as { id: string }[];
    expect(teams.map(({ id }) => id)).toEqual([own]);
  });

  it('is told who made what by name, of those too whom it may not see', async () => {
    for (const path of [`/v1/keys/${mine}`, `/v1/teams/${own}`]) {
      expect((await call('GET', path)).body.created_by_name).toBe('bootstrap');
    }
    for (const path of ['/v1/keys', '/v1/teams', '/v1/admin-keys']) {
      const { data } = (await call('GET', path)).body;
      const nameless = data.filter((one: { created_by_name?: string }) => !one.created_by_name);
      expect([path, data.length > 0, nameless]).toEqual([path, true, []]);
    }
  });

  it('changes no other team’s keys in bulk, named or found', async () => {
    const named = await call('POST', '/v1/keys/bulk', { action: 'disable', ids: [mine, theirs] });
    expect(named.body.data).toMatchObject([
      { id: mine, status: 'disabled' },
      { error: { code: 'not_found' } },
    ]);
    const found = await call('POST', '/v1/keys/bulk', { action: 'revoke', filter: { team_id: other } });
    expect(found.body.data).toEqual([]);
    expect((await admin.call('GET', `/v1/keys/${theirs}`)).body.status).toBe('active');
  });

  it('makes and sees admin keys of that team alone, which can do no more than it', async () => {
    const made = adminKeyWithSecret.parse(
      (await call('POST', '/v1/admin-keys', { name: name(), role: 'owner', team_id: null })).body,
    );
    expect(made.admin_key.team_id).toBe(own);
    expect(
      (await call('POST', '/v1/admin-keys', { name: name(), role: 'viewer', team_id: other })).status,
    ).toBe(422);
    const { data } = adminKeyPage.parse((await call('GET', '/v1/admin-keys?limit=200')).body);
    expect(data.length).toBeGreaterThan(0);
    expect(data.every(({ team_id }) => team_id === own)).toBe(true);
  });

  it('reads in the audit log what was done in that team', async () => {
    const { data } = (await call('GET', '/v1/audit-log?limit=200')).body;
    expect(data.length).toBeGreaterThan(0);
    expect(new Set(data.map(({ team_id }: { team_id: string }) => team_id))).toEqual(new Set([own]));
    expect((await call('GET', '/v1/audit-log/export?format=ndjson')).body).not.toContain(theirs);
  });
});

describe('an admin key', () => {
  it('is shown once, tells what it may do, and ends with its revocation at once', async () => {
    const { secret, admin_key } = await newAdminKey('viewer', null);
    const call = admin.as(secret);
    expect((await call('GET', '/v1/me')).body).toMatchObject({
      id: admin_key.id,
      role: 'viewer',
      team_id: null,
    });
    const listed = await admin.call('GET', '/v1/admin-keys?limit=200');
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    expect(adminKeyPage.parse(listed.body).data.find(({ id }) => id === admin_key.id)?.last_used_at).toEqual(
      expect.any(String),
    );
    const revoke = () => admin.call('DELETE', `/v1/admin-keys/${admin_key.id}`);
    const { revoked_at } = (await revoke()).body;
    expect((await call('GET', '/v1/me')).status).toBe(401);
    expect((await revoke()).body.revoked_at).toBe(revoked_at);
    const shown = adminKeyPage.parse((await admin.call('GET', '/v1/admin-keys?limit=200')).body);
    expect(shown.data.map(({ id }) => id)).not.toContain(admin_key.id);
  });

  it('ends when it expires, and with its team', async () => {
    const past = await admin.call('POST', '/v1/admin-keys', {
      ...{ name: name(), role: 'viewer', expires_at: '2020-01-01T00:00:00Z' },
    });
    expect([past.status, past.body.error.param]).toEqual([422, 'expires_at']);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await admin.call('POST', '/v1/admin-keys', {
      name: name(),
      role: 'viewer',
      expires_at: soon,
    });
    expect((await admin.as(body.secret)('GET', '/v1/me')).status).toBe(200);
    await admin.moveClockBy(3_600_001);
    expect((await admin.as(body.secret)('GET', '/v1/me')).status).toBe(401);
    await admin.moveClockBy(0);
    const team = await newTeam();
    const { secret } = await newAdminKey('owner', team);
    await admin.call('DELETE', `/v1/teams/${team}`);
    expect((await admin.as(secret)('GET', '/v1/me')).status).toBe(401);
  });
});
