import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import type { LimitsInput } from '@tollgate/contracts/limits';
import { eventually } from '@tollgate/testing/eventually';
import { fake, type System } from './system.ts';

const HOUR_MS = 3_600_000;
const HOURS = 20;
const DAY_MS = 24 * HOUR_MS;

/** A deployment after a day of use, with something of everything that a screen can show. */
export interface Population {
  readonly teamId: string;
  readonly webhookId: string;
  /** In use, within its limits. */
  readonly key: KeyWithSecret;
  /** One that has reached its cost limit. */
  readonly blocked: KeyWithSecret;
  /** What viewers, and the owner of one team, sign in with. */
  readonly viewer: string;
  readonly teamOwner: string;
}

const MODELS = ['gpt-4o-mini', 'gpt-4o', 'gpt-4.1-mini', 'o4-mini', 'gpt-4.1'];
/** Requests over the hours of a day. */
const busy = (hour: number) => Math.round(1 + 4 * Math.sin((Math.PI * hour) / HOURS) ** 2);

/**
 * Fills a system that has just been started.
 * @param receiverUrl where a webhook goes
 */
export async function populate(system: System, receiverUrl: string): Promise<Population> {
  const { client } = system.admin;
  const now = Date.now();
  await system.moveClocksTo(new Date(now - HOURS * HOUR_MS));
  await client.organization.update({
    body: { name: 'Acme Research', limits: { cost_usd: '20000', reset_period: 'monthly' } },
  });
  const monthly = (cost_usd: string): LimitsInput => ({ cost_usd, reset_period: 'monthly' });
  const teams = await Promise.all(
    [
      { name: 'Data platform', limits: { ...monthly('5000'), tokens: 900_000_000 } },
      { name: 'Customer support automation', limits: monthly('750') },
      { name: 'البحث والتطوير', limits: {} },
      { name: 'Search', limits: { requests_per_minute: 600 } },
    ].map((body) => client.teams.create({ body })),
  );
  const owner = await client.adminKeys.create({ body: { name: 'mira', role: 'owner' } });
  const viewer = await client.adminKeys.create({ body: { name: 'reader', role: 'viewer' } });
  const teamOwner = await client.adminKeys.create({
    body: {
      name: 'data-platform-ci',
      role: 'owner',
      team_id: teams[0]!.id,
      expires_at: at(now + 3 * DAY_MS),
    },
  });
  const webhook = await client.webhooks.create({ body: { url: receiverUrl, description: 'On call' } });
  await client.webhooks.create({
    body: { url: 'https://hooks.example.com/tollgate', events: ['limit.breached'] },
  });

  const [data, support, research] = teams.map(({ id }) => id);
  const create = system.admin.createKey.bind(system.admin);
  const key = await create({
    ...{ name: 'checkout-service', team_id: data!, environment: 'production', owner: 'ann' },
    ...{ metadata: { cost_center: '42' }, allowed_models: ['gpt-4*', 'o4-mini'] },
    limits: { ...monthly('2500'), tokens: 100_000_000, requests_per_minute: 600 },
  });
  // What must be used up, or nearly, has no period: on the first of a month it would start anew on the way.
  const blocked = await create({
    ...{ name: 'nightly-embeddings', team_id: data!, environment: 'production' },
    limits: { cost_usd: '120' },
  });
  const near = await create({
    ...{ name: 'مساعد خدمة العملاء', team_id: support! },
    limits: { cost_usd: '420' },
  });
  const others = [
    { name: 'support-triage', team_id: support!, environment: 'staging', expires_at: at(now + DAY_MS) },
    { name: 'an-extraordinarily-long-key-name-that-somebody-thought-was-a-good-idea', team_id: research! },
    { name: 'code-review-bot', limits: { tokens: 20_000_000, reset_period: 'daily' as const } },
    { name: 'sales-assistant', environment: 'development', expires_at: at(now + 270 * DAY_MS) },
    { name: 'churn-model', team_id: data! },
    { name: 'invoice-extraction', expires_at: at(now - HOUR_MS) },
    { name: 'old-prototype' },
  ];
  const [triage, , review, , churn, , old] = await Promise.all(others.map(create));

  const use = async ({ secret }: KeyWithSecret, n: number, cost = 1) => {
    const usage = { prompt_tokens: 120_000 * cost * (1 + (n % 3)), completion_tokens: 9_000 * cost };
    await system.client(secret).chat.completions.create({
      model: MODELS[n % MODELS.length]!,
      messages: [{ role: 'user', content: fake({ usage }) }],
    });
  };
  for (let hour = 0; hour <= HOURS; hour += 1) {
    await system.moveClocksTo(new Date(now - (HOURS - hour) * HOUR_MS));
    for (let n = 0; n < busy(hour); n += 1) {
      await use(key, hour + n, 4);
      if (n % 2 === 0) await use(near, n, 8);
      if (n === 1) await Promise.all([use(triage!, n), use(review!, 0)]);
    }
    if (hour === HOURS - 3) await use(blocked, 1, 400);
  }
  await client.keys.update({ id: churn!.key.id, body: { enabled: false } });
  await client.keys.update({ id: key.key.id, body: { limits: { cost_usd: '3000' }, owner: 'bob' } });
  await client.keys.reset({ id: review!.key.id, body: { reason: 'a retry storm' } });
  await client.keys.revoke({ id: old!.key.id });
  const { cost_usd } = (await system.admin.overview(near.key.id)).meter;
  await client.keys.update({
    id: near.key.id,
    body: { limits: { cost_usd: Math.ceil(Number(cost_usd) / 0.87) } },
  });
  await client.adminKeys.revoke({ id: owner.admin_key.id });
  await eventually(async () =>
    expect((await system.admin.overview(blocked.key.id)).meter.blocked).toEqual(['cost_usd']),
  );
  return {
    ...{ teamId: data!, webhookId: webhook.webhook.id, key, blocked },
    ...{ viewer: viewer.secret, teamOwner: teamOwner.secret },
  };
}

const at = (ms: number) => new Date(ms).toISOString();
