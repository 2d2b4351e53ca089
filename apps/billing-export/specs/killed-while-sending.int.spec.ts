import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServiceProcess } from '@tollgate/dev-stack/service-process';
import { eventually } from '@tollgate/testing/eventually';
import { HOUR_MS } from './given.ts';
import { RunningBilling } from './running-billing.ts';
import { StripeStandIn } from './stripe-stand-in.ts';

const SOON = { within_ms: 30_000 };
let billing: RunningBilling;
let stripe: StripeStandIn;
let service: ServiceProcess | undefined;

afterAll(async () => {
  await service?.kill();
  await stripe?.stop();
  await billing?.close();
});

it('a process killed while Stripe has its events and has not answered leaves no second one behind', async () => {
  stripe = await StripeStandIn.start();
  billing = await RunningBilling.prepare('sending');
  await billing.use(200);
  const file = join(mkdtempSync(join(tmpdir(), 'billing-spec-')), 'stripe.json');
  const from = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 25 * 24 * HOUR_MS).toISOString();
  const customers = [{ team_id: 'team_0', stripe_customer_id: 'cus_0', from }];
  writeFileSync(file, JSON.stringify({ customers, meters: [{ event_name: 'tokens', unit: 'token' }] }));
  const start = () =>
    billing.start({
      BILLING_STRIPE_FILE: file,
      BILLING_STRIPE_SEND: 'true',
      STRIPE_API_KEY: 'sk_test_spec',
      STRIPE_API_BASE: stripe.base,
    });

  stripe.always = { takes: true, answers: 'nothing' };
  service = await start();
  await eventually(() => expect(stripe.taken.size).toBeGreaterThan(1), SOON);
  await service.kill();
  const before = new Map(stripe.taken);
  stripe.always = null;
  service = await start();
  // Nobody touches what another may still be sending: the lease of the killed one is ended here.
  await billing.db.query(`UPDATE billing.meter_events SET due_at = now() WHERE state = 'pending'`);

  await eventually(async () => {
    const [row] = await billing.db.query(`
      SELECT count(*) FILTER (WHERE state <> 'sent')::int AS unsent, count(*)::int AS events, sum(value)::text AS units
      FROM billing.meter_events`);
    expect([row.unsent, row.events]).toEqual([0, stripe.taken.size]);
    const units = [...stripe.taken.values()].reduce((sum, { value }) => sum + BigInt(value), 0n);
    expect(`${units}`).toBe(row.units);
  }, SOON);
  for (const [identifier, event] of before) expect(stripe.taken.get(identifier)).toEqual(event);
  expect(stripe.calls.length).toBeGreaterThan(stripe.taken.size);
}, 90_000);
