import type { OrganizationState, TeamState } from '@tollgate/contracts/events';
import { limitReachedDetails } from '@tollgate/contracts/gateway-http';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import { newId } from '@tollgate/service-kit/ids';
import { eventually } from '@tollgate/testing/eventually';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start('scopes');
});
afterAll(() => gateway?.stop());

let version = 0;
/** Limits of a team, from now on. */
async function limitTeam(id: string, limits: Partial<Limits>, generation = 0): Promise<void> {
  version += 1;
  const state: TeamState = {
    ...{ id, name: 'spec', limits: { ...UNLIMITED, ...limits }, limit_revision: version },
    ...{ generation, deleted_at: null },
  };
  await gateway.applyScope(state, version);
}
async function limitOrganization(limits: Partial<Limits>, generation = 0): Promise<void> {
  version += 1;
  const state: OrganizationState = {
    ...{ id: ORGANIZATION_ID, name: 'spec', limits: { ...UNLIMITED, ...limits }, limit_revision: version },
    ...{ generation, warning_thresholds: [] },
  };
  await gateway.applyScope(state, version);
}
async function newTeam(limits: Partial<Limits>): Promise<[id: string, a: SpecKey, b: SpecKey]> {
  const id = newId('team');
  await limitTeam(id, limits);
  return [id, await gateway.newKey({ team_id: id }), await gateway.newKey({ team_id: id })];
}

async function ask({ token }: SpecKey, fields: object = {}, told: object = {}) {
  const content = `hi ${directive({ completion_tokens: 10, ...told })}`;
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }], ...fields }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: specs look into bodies whose shape is what they check.
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as any };
}
const refusal = async (key: SpecKey) => {
  const { status, body } = await ask(key);
  return [status, body.error?.code, limitReachedDetails.parse(body.error?.details).scope_id];
};
const usedBy = async (...keys: SpecKey[]) =>
  keys.flatMap(({ id }) => gateway.recordsOf(id)).reduce((sum, { tokens }) => sum + tokens.total, 0);

it('keys of a team share its tokens, and are told whose limit it is', async () => {
  const [id, a, b] = await newTeam({ tokens: 1 });
  expect((await ask(a)).status).toBe(200);
  await gateway.recorded(a.id, 1);
  const refused = await ask(b);
  expect([refused.status, refused.body.error.code]).toEqual([429, 'token_limit_reached']);
  const details = limitReachedDetails.parse(refused.body.error.details);
  expect(details).toMatchObject({ scope: 'team', scope_id: id, limit: 1, used: await usedBy(a) });
  expect(refused.body.error.message).toContain("API key's team has used");
  expect(refused.headers.get('x-should-retry')).toBe('false');
  const other = await gateway.newKey({ team_id: newId('team') });
  expect((await ask(other)).status).toBe(200);
});

it('keys of a team share its requests per minute', async () => {
  const [id, a, b] = await newTeam({ requests_per_minute: 3 });
  const answers = await Promise.all([a, b, a, b, a, b].map((key) => ask(key)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(await refusal(b)).toEqual([429, 'requests_per_minute_reached', id]);
});

it('the first limit in order answers: requests/min of any scope, then cost, then tokens, the key’s before its team’s', async () => {
  const [id, a] = await newTeam({ tokens: 1, cost_usd: '0.000000000001' });
  expect((await ask(a)).status).toBe(200);
  expect(await refusal(a)).toEqual([429, 'cost_limit_reached', id]);
  await gateway.applyKey({ ...a.state, limits: { ...UNLIMITED, tokens: 1 }, limit_revision: 2 }, 2);
  expect(await refusal(a)).toEqual([429, 'cost_limit_reached', id]);
  await limitTeam(id, { tokens: 1 });
  expect(await refusal(a)).toEqual([429, 'token_limit_reached', a.id]);
  await limitTeam(id, { tokens: 1, requests_per_minute: 1 });
  expect(await refusal(a)).toEqual([429, 'requests_per_minute_reached', id]);
});

it('a team’s limit that comes late finds what was used before it, and one that is raised opens again', async () => {
  const id = newId('team');
  const a = await gateway.newKey({ team_id: id });
  expect((await ask(a)).status).toBe(200);
  await limitTeam(id, { tokens: 1 });
  expect(await refusal(a)).toEqual([429, 'token_limit_reached', id]);
  await limitTeam(id, { tokens: 1_000_000 });
  expect((await ask(a)).status).toBe(200);
});

it('a reset of a team starts it at zero, and records say in which generation they were admitted', async () => {
  const [id, a] = await newTeam({ tokens: 1 });
  await ask(a);
  expect(await refusal(a)).toEqual([429, 'token_limit_reached', id]);
  await limitTeam(id, { tokens: 1 }, 1);
  expect((await ask(a)).status).toBe(200);
  const records = await gateway.recorded(a.id, 2);
  expect(records.map(({ team_id, generations }) => [team_id, generations.team, generations.key])).toEqual([
    [id, 0, 0],
    [id, 1, 0],
  ]);
});

it('a team’s meter counts each record once, though its keys write to different partitions', async () => {
  const [id, a, b] = await newTeam({ tokens: 1_000_000 });
  for (const key of [a, b, a, b]) await ask(key);
  await gateway.recorded(a.id, 2);
  await gateway.recorded(b.id, 2);
  const remaining = async () => Number((await ask(a)).headers.get('x-tollgate-tokens-remaining'));
  const written = gateway.usage.filter(({ record }) => [a.id, b.id].includes(record.key_id));
  const tokens = await usedBy(a, b);
  const through: Record<string, string> = {};
  for (const { partition, offset } of written) through[partition] = `${offset + 1n}`;
  expect(await remaining()).toBe(1_000_000 - tokens);
  await gateway.recorded(a.id, 3);
  const all = await usedBy(a, b);
  // All but the last, which the meter does not count yet.
  await gateway.publishMeter({
    ...{ scope: 'team', scope_id: id, sequence: 1, through },
    used: { cost_usd: '0.00', tokens: tokens + 500, requests: 4 },
  });
  await eventually(async () => {
    const probe = await fetch(`${gateway.url}/v1/key`, { headers: { authorization: `Bearer ${b.token}` } });
    expect(probe.headers.get('x-tollgate-tokens-remaining')).toBe(`${1_000_000 - all - 500}`);
  });
});

it('headers show of each kind of limit the one with least left', async () => {
  const [, a] = await newTeam({ tokens: 500, cost_usd: '9.00' });
  await gateway.applyKey(
    { ...a.state, limits: { ...UNLIMITED, tokens: 700, cost_usd: '3.00', requests_per_minute: 5 } },
    2,
  );
  const { headers } = await ask(a);
  expect(headers.get('x-tollgate-tokens-limit')).toBe('500');
  expect(headers.get('x-tollgate-cost-limit-usd')).toBe('3.00');
  expect(headers.get('x-ratelimit-remaining-requests')).toBe('4');
});

it('a hard limit of a team is never exceeded by keys that are soft, however many ask at once', async () => {
  const [id, a, b] = await newTeam({ tokens: 400, enforcement: 'hard' });
  const keys = Array.from({ length: 30 }, (_, i) => (i % 2 ? a : b));
  const answers = await Promise.all(
    keys.map((key) => ask(key, { max_tokens: 40 }, { completion_tokens: 40, delay_ms: 50 })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  const admitted = answers.filter(({ status }) => status === 200).length;
  await eventually(async () => {
    expect(gateway.recordsOf(a.id).length + gateway.recordsOf(b.id).length).toBe(admitted);
  });
  expect(await usedBy(a, b)).toBeLessThanOrEqual(400);
  const { body } = answers.find(({ status }) => status === 429)!;
  expect(body.error.details).toMatchObject({ scope: 'team', scope_id: id });
});

it('a crash forgets nothing that a team has used', async () => {
  const [id, a, b] = await newTeam({ tokens: 1 });
  expect((await ask(a)).status).toBe(200);
  await gateway.recorded(a.id, 1);
  await gateway.crash();
  expect(await refusal(b)).toEqual([429, 'token_limit_reached', id]);
});

it('the organization’s limit stops keys of every team, and its price rule holds for all', async () => {
  const [, a] = await newTeam({});
  const b = await gateway.newKey({ team_id: newId('team') });
  await limitOrganization({ requests_per_minute: 1 });
  await eventually(async () => expect((await ask(a)).status).toBe(429));
  expect(await refusal(b)).toEqual([429, 'requests_per_minute_reached', ORGANIZATION_ID]);
  await limitOrganization({ cost_usd: '1000.00' });
  const unpriced = await ask(a, { model: 'gpt-of-nobody' });
  expect([unpriced.status, unpriced.body.error.code]).toEqual([400, 'model_unpriced']);
  await limitOrganization({});
  expect((await ask(a)).status).toBe(200);
});
