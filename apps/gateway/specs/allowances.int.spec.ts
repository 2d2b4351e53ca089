import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import { atBest } from '@tollgate/testing/at-best';
import { eventually } from '@tollgate/testing/eventually';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await RunningGateway.start('allowances');
});
afterAll(() => gateway?.stop());
beforeEach(async () => {
  gateway.metering.silent = false;
  await eventually(async () => expect(await metric('metering_away')).toBe(0));
});

const limited = (limits: Partial<Limits>) => gateway.newKey({ limits: { ...UNLIMITED, ...limits } });
const hard = (limits: Partial<Limits>) => limited({ enforcement: 'hard', ...limits });

async function ask({ token }: SpecKey, told: object = {}, init: RequestInit = {}) {
  const content = `hi ${directive({ completion_tokens: 10, ...told })}`;
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 20, messages: [{ role: 'user', content }] }),
    ...init,
  });
  const body = (await answer.json()) as { error?: { code: string; details?: object } };
  const { code, details } = body.error ?? {};
  return { status: answer.status, code, details, headers: answer.headers };
}
const callsAbout = ({ id }: SpecKey) =>
  gateway.metering.calls.filter(({ asks }) => asks.some(({ scope_id }) => scope_id === id)).length;
const figure = async (name: string) => {
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  return Number(new RegExp(`^tollgate_${name} (\\S+)$`, 'm').exec(metrics)?.[1]);
};
const metric = (name: string) => figure(`allowance_${name}`);
const waitingRequests = () => metric('waiting_requests');

it('the first request of a limited key asks metering, and a thousand after it do not', async () => {
  const key = await hard({ tokens: 10_000_000, cost_usd: '1000', requests_per_minute: 100_000 });
  expect((await ask(key)).status).toBe(200);
  expect(callsAbout(key)).toBe(1);
  for (let n = 0; n < 10; n += 1) await Promise.all(Array.from({ length: 100 }, () => ask(key)));
  expect(callsAbout(key)).toBeLessThanOrEqual(2);
});

it('nobody asks metering for keys without limits, or with soft ones of cost and tokens alone', async () => {
  const free = await gateway.newKey();
  const soft = await limited({ tokens: 1_000, cost_usd: '1' });
  for (const key of [free, soft]) expect((await ask(key)).status).toBe(200);
  expect([callsAbout(free), callsAbout(soft)]).toEqual([0, 0]);
});

it('records name what they were admitted on, and settle it: nothing is left outstanding but what is still held', async () => {
  const key = await hard({ tokens: 1_000_000 });
  await Promise.all(Array.from({ length: 5 }, () => ask(key)));
  const records = await gateway.recorded(key.id, 5);
  const [held] = gateway.metering.heldOf(key.id).allowances;
  expect(records.map(({ allowances }) => allowances)).toEqual(Array(5).fill({ key: held!.id }));
  expect(held!.folded.tokens).toBe(BigInt(records.reduce((sum, { tokens }) => sum + tokens.total, 0)));
});

it('a hard limit is used up to the last token that fits, and then refused without asking again and again', async () => {
  const key = await hard({ tokens: 900 });
  const answers = [];
  for (let n = 0; n < 60; n += 1) answers.push(await ask(key));
  const used = gateway.recordsOf(key.id).reduce((sum, { tokens }) => sum + tokens.total, 0);
  expect(used).toBeLessThanOrEqual(900);
  expect(answers.at(-1)).toMatchObject({ status: 429, code: 'token_limit_reached' });
  const before = callsAbout(key);
  for (let n = 0; n < 30; n += 1) expect((await ask(key)).status).toBe(429);
  expect(callsAbout(key) - before).toBeLessThanOrEqual(2);
});

it('what another gateway has of a window is neither admitted here nor said to be left', async () => {
  const key = await hard({ requests_per_minute: 10 });
  const elsewhere = gateway.metering.giveElsewhere(key.id);
  expect(elsewhere).toBeGreaterThan(0);
  const statuses = [];
  for (let n = 0; n < 10 - elsewhere; n += 1) statuses.push((await ask(key)).status);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const refused = await ask(key);
  expect(refused).toMatchObject({ status: 429, details: { limit: 10, used: 10, remaining: 0 } });
  expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
});

it('what an attempt under way may come to is held: its key is told so, and the operator', async () => {
  const key = await hard({ tokens: 10_000, cost_usd: '1' });
  const held = async () => (await gateway.meterOf(key.token)).held;
  const figures = () => Promise.all(['holds', 'held_tokens', 'held_cost_usd'].map(figure));
  const nothing = { cost_usd: '0.00', tokens: 0 };
  expect(await held()).toEqual(nothing);
  const asking = ask(key, { delay_ms: 3_000 });
  await eventually(async () => expect((await held()).tokens).toBeGreaterThan(20));
  const { tokens, cost_usd } = await held();
  expect(await figures()).toEqual([1, tokens, Number(cost_usd)]);
  const { headers } = await ask(key);
  const used = gateway.recordsOf(key.id).reduce((sum, record) => sum + record.tokens.total, 0);
  expect(Number(headers.get('x-tollgate-tokens-remaining'))).toBeLessThanOrEqual(10_000 - tokens - used);
  expect((await asking).status).toBe(200);
  expect([await held(), await figures()]).toEqual([nothing, [0, 0, 0]]);
});

it('an attempt that fails gives back what it held', async () => {
  const key = await hard({ tokens: 2_000 });
  for (let n = 0; n < 20; n += 1) {
    expect((await ask(key, { reset: 'before_headers' })).status).toBe(502);
  }
  expect((await ask(key)).status).toBe(200);
});

it('while metering is away, what was given is spent, and then a hard limit answers 503 within a second or two', async () => {
  const held = await hard({ tokens: 1_000_000 });
  expect((await ask(held)).status).toBe(200);
  const unknown = await hard({ tokens: 1_000_000 });
  gateway.metering.silent = true;
  await atBest(async () => {
    const beganMs = performance.now();
    const refused = await ask(unknown);
    expect([refused.status, refused.code]).toEqual([503, 'allowance_unavailable']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(performance.now() - beganMs).toBeLessThan(2_500);
  });
  expect((await ask(held)).status).toBe(200);
  gateway.metering.silent = false;
  await eventually(async () => expect((await ask(unknown)).status).toBe(200));
});

it('while metering is away, a soft limit of requests per minute is still kept by this gateway alone', async () => {
  gateway.metering.silent = true;
  const key = await limited({ requests_per_minute: 4 });
  const answers = [];
  for (let n = 0; n < 6; n += 1) answers.push((await ask(key)).status);
  expect(answers).toEqual([200, 200, 200, 200, 429, 429]);
});

it('a request whose client leaves while it waits is never sent to a provider', async () => {
  const key = await hard({ tokens: 1_000_000 });
  gateway.metering.silent = true;
  const leave = new AbortController();
  const asked = ask(key, {}, { signal: leave.signal });
  await eventually(async () => expect(await waitingRequests()).toBe(1), { every_ms: 5 });
  leave.abort();
  await expect(asked).rejects.toThrow('aborted');
  await eventually(async () => expect(await waitingRequests()).toBe(0));
  gateway.metering.silent = false;
  await eventually(async () => expect((await ask(key)).status).toBe(200));
  const records = await gateway.recorded(key.id, 1);
  expect(records).toHaveLength(1);
});

it('what is idle is given back when a meter says that somebody lacks it', () =>
  atBest(async () => {
    const key = await hard({ tokens: 1_000_000 });
    expect((await ask(key)).status).toBe(200);
    const granted = () => gateway.metering.heldOf(key.id).allowances.map((one) => one.granted.tokens);
    expect(granted()).toEqual([1_000_000n]);
    await gateway.publishMeter({ scope: 'key', scope_id: key.id, sequence: 1, recall: 1 });
    const [record] = await gateway.recorded(key.id, 1);
    await eventually(() => expect(granted()).toEqual([BigInt(record!.tokens.total)]), { within_ms: 1_000 });
  }));

it('a killed gateway says on its restart that its former process is finished, and through which records', async () => {
  const key = await hard({ tokens: 1_000_000 });
  expect((await ask(key)).status).toBe(200);
  const [held] = gateway.metering.heldOf(key.id).allowances;
  const hanging = ask(key, { hang: true }).catch(() => 'broken');
  await gateway.provider.log({ state: 'in_flight', wait: 1 });
  await gateway.crash();
  expect(await hanging).toBe('broken');
  const { instance, incarnation } = held!.holder;
  await eventually(() => {
    const later = gateway.metering.finished.filter((one) => one.instance === instance);
    expect(later.at(-1)?.incarnation).toBeGreaterThan(incarnation);
  });
  // Who is killed before it knows that the broker took a record publishes it again.
  const records = () => new Map(gateway.recordsOf(key.id).map((record) => [record.id, record]));
  await eventually(() => expect(records().size).toBe(2));
  const orphan = [...records().values()].find(({ status }) => status === 'orphaned');
  expect(orphan?.allowances).toEqual({ key: held!.id });
  const { through } = gateway.metering.finished.at(-1)!;
  for (const { record, partition, offset } of gateway.usage) {
    if (record.key_id === key.id) expect(BigInt(through[partition]!)).toBeGreaterThan(offset);
  }
});

it('a gateway that stops gives everything back', async () => {
  const key = await hard({ tokens: 1_000_000, requests_per_minute: 100 });
  expect((await ask(key)).status).toBe(200);
  expect(gateway.metering.heldOf(key.id).allowances).toHaveLength(1);
  expect((await gateway.process.stop()).code).toBe(0);
  const { allowances, shares } = gateway.metering.heldOf(key.id);
  expect(allowances).toEqual([]);
  expect(shares.filter(({ expiresMs }) => expiresMs > Date.now())).toEqual([]);
});
