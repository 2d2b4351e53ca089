import type { MeterEvent, ResolveBody } from '@tollgate/contracts/billing-http';
import type { Outcome } from '@tollgate/domain/billing/delivery';
import { createTestDatabase, type TestDatabase } from '@tollgate/testing/test-database';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { openDatabase } from '../src/database.ts';
import { foldBatches } from '../src/fold/fold-batches.ts';
import { closeLines } from '../src/meter-events/close-hours.ts';
import { type EndsOf, HourCloser } from '../src/meter-events/hour-closer.ts';
import { listMeterEvents } from '../src/meter-events/list-meter-events.ts';
import { requireSameLines } from '../src/meter-events/require-same-lines.ts';
import { resolve } from '../src/meter-events/resolve.ts';
import { deliverDue } from '../src/stripe/deliver.ts';
import { outcomeOf, stripeDeliver } from '../src/stripe/stripe-client.ts';
import { type BilledLine, billedLines, parseStripeFile } from '../src/stripe/stripe-file.ts';
import { DAY_MS, HOUR_MS, limitEventsBatch, NOON, usageAdjusted, usageBatch, usageRecord } from './given.ts';
import { StripeStandIn, TAKES } from './stripe-stand-in.ts';

let database: TestDatabase;
let db: DataSource;
let stripe: StripeStandIn;

beforeEach(async () => {
  database = await createTestDatabase();
  db = await openDatabase(database.url, pino({ level: 'silent' }));
  stripe = await StripeStandIn.start();
});
afterEach(async () => {
  await stripe.stop();
  await db.destroy();
  await database.drop();
});

const file = (meters: object[] = [{ event_name: 'cost', unit: 'micro_usd' }]) =>
  parseStripeFile({
    customers: [
      { team_id: 'team_a', stripe_customer_id: 'cus_a', from: new Date(NOON - 48 * HOUR_MS).toISOString() },
    ],
    meters,
  });
const lines = billedLines(file());

let offset = 0;
beforeEach(() => {
  offset = 0;
});
const use = async (id: string, hour: number, cost: string, nowMs = NOON) => {
  const record = usageRecord({ id, admittedAtMs: NOON + hour * HOUR_MS, cost });
  await foldBatches(db, [usageBatch(0, offset, [record])], nowMs);
  offset += 1;
};
const close = (hour: number, of: readonly BilledLine[] = lines) =>
  closeLines(db, of, NOON + hour * HOUR_MS, NOON + hour * HOUR_MS);
const span = { from: new Date(0).toISOString(), to: new Date(NOON + 400 * DAY_MS).toISOString() };
async function events(): Promise<MeterEvent[]> {
  let text = '';
  for await (const part of listMeterEvents(db.manager, span as never, NOON)) text += part;
  return text
    .split('\n')
    .filter((line) => line)
    .map((line) => JSON.parse(line));
}
const inShort = async () =>
  (await events()).map(
    ({ hour, event, cumulative }) => `${hour.slice(8, 13)} ${event.payload.value} =${cumulative}`,
  );

describe('hours that close', () => {
  it('become events of whole units, once, in the shape that Stripe takes', async () => {
    await use('a', -2, '0.0000015');
    await use('b', -1, '0.0000026');
    expect(await close(0)).toBe(2);
    expect(await close(0)).toBe(0);
    expect(await inShort()).toEqual(['23T10 1 =1', '23T11 3 =4']);
    const [first] = await events();
    expect(first).toEqual({
      state: 'pending',
      team_id: 'team_a',
      hour: '2026-11-23T10:00:00.000Z',
      cumulative: '1',
      attempts: 0,
      problem: null,
      sent_at: null,
      event: {
        event_name: 'cost',
        identifier: expect.stringMatching(/^tollgate-[0-9a-f]{64}$/),
        timestamp: Date.parse('2026-11-23T10:59:59Z') / 1_000,
        payload: { stripe_customer_id: 'cus_a', value: '1' },
      },
    });
  });

  it('bring what came late and what was given back into the next event, up to exactly what was used', async () => {
    await use('a', -2, '1');
    await close(-1);
    await use('late', -3, '2');
    const credit = usageAdjusted({ id: 'c', admittedAtMs: NOON - HOUR_MS, cost: '-5' });
    await foldBatches(db, [limitEventsBatch(0, 0, [credit])], NOON);
    await close(0);
    await use('b', 0, '2.5', NOON + HOUR_MS);
    await close(1);
    expect(await inShort()).toEqual(['23T10 1000000 =1000000']);
    await use('d', 1, '1', NOON + 2 * HOUR_MS);
    await close(2);
    expect(await inShort()).toEqual(['23T10 1000000 =1000000', '23T13 500000 =1500000']);
  });

  it('count in the unit of each meter, for customers alone, and from their first billed hour alone', async () => {
    const meters = billedLines(
      file([
        { event_name: 'cents', unit: 'cent' },
        { event_name: 'tokens', unit: 'token' },
        { event_name: 'requests', unit: 'request' },
      ]),
    );
    await use('a', -1, '0.129');
    const others = [
      usageRecord({ id: 'x', team: 'team_b', admittedAtMs: NOON - HOUR_MS }),
      usageRecord({ id: 'y', admittedAtMs: NOON - 49 * HOUR_MS }),
    ];
    await foldBatches(db, [usageBatch(1, 0, others)], NOON);
    await close(0, meters);
    const told = (await events()).map(({ event }) => `${event.event_name} ${event.payload.value}`);
    expect(told.sort()).toEqual(['cents 12', 'requests 1', 'tokens 16']);
  });

  it('are closed by one of several processes', async () => {
    for (let n = 0; n < 10; n += 1) await use(`${n}`, -n, '1');
    const written = await Promise.all([close(1), close(1), close(1)]);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(10);
    expect((await inShort()).at(-1)).toBe('23T12 1000000 =10000000');
  });

  it('wait until everything that the topics had when their grace was over is counted', async () => {
    await use('a', -1, '1');
    const ends: EndsOf = async (topic) =>
      new Map(
        topic === 'usage'
          ? [
              [0, { start: 0n, end: 2n }],
              [1, { start: 9n, end: 9n }],
            ]
          : [],
      );
    const closer = new HourCloser(db, ends, lines, 600_000);
    expect(await closer.look(NOON + 599_999)).toBe(0);
    expect(await closer.look(NOON + 600_000)).toBe(0);
    expect(await events()).toEqual([]);
    await use('b', -1, '1');
    expect(await closer.look(NOON + 600_000)).toBe(1);
    expect(await inShort()).toEqual(['23T11 2000000 =2000000']);
  });

  it('are never told otherwise: an event cannot be changed, and a line goes on in its unit', async () => {
    await use('a', -1, '1');
    await close(0);
    await expect(db.query('UPDATE billing.meter_events SET value = 2')).rejects.toThrow('never changed');
    await expect(db.query('DELETE FROM billing.meter_events')).rejects.toThrow('never changed');
    await requireSameLines(db.manager, lines);
    const other = billedLines(file([{ event_name: 'cost', unit: 'cent' }]));
    await expect(requireSameLines(db.manager, other)).rejects.toThrow('in micro_usd from 2026-11-21T12:00');
  });
});

describe('sending', () => {
  let nowMs = NOON;
  const clock = () => nowMs;
  const TIMEOUT_MS = 3_000;
  const send = () =>
    deliverDue(db, stripeDeliver({ apiKey: 'sk_test_spec', base: stripe.base }, TIMEOUT_MS), clock);
  const states = async () => (await events()).map(({ state }) => state);
  beforeEach(async () => {
    nowMs = NOON;
    await use('a', -1, '1');
    await close(0);
  });

  it('hands each event over once, with the key, as a form that Stripe reads', async () => {
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    expect(await states()).toEqual(['sent']);
    const [{ event }] = (await events()) as [MeterEvent];
    expect([...stripe.taken.values()]).toEqual([
      {
        event_name: 'cost',
        identifier: event.identifier,
        timestamp: event.timestamp,
        customer: 'cus_a',
        value: '1000000',
      },
    ]);
    expect(stripe.calls).toEqual([{ authorization: 'Bearer sk_test_spec', identifier: event.identifier }]);
  });

  it('goes on through 500s, silence, broken answers and a key that is refused, longer apart, to one event', async () => {
    stripe.next.push(
      { takes: false, answers: 500 },
      { takes: true, answers: 'nothing' },
      { takes: true, answers: 'breaks' },
      { takes: true, answers: 503 },
      { takes: false, answers: 401 },
      { takes: false, answers: 429 },
    );
    // Where Stripe has the event already it refuses it again, whatever else would have been its answer.
    const pauses: number[] = [];
    for (let n = 0; (await states())[0] === 'pending' && n < 20; n += 1) {
      await send();
      const [row] = await db.query('SELECT due_at FROM billing.meter_events');
      pauses.push(row.due_at.getTime() - nowMs);
      expect(await send()).toBe(0);
      nowMs = Math.max(nowMs, row.due_at.getTime());
    }
    expect(await states()).toEqual(['sent']);
    expect(stripe.taken.size).toBe(1);
    expect(pauses.slice(0, 2)).toEqual([1_000, 2_000]);
    expect(new Set(stripe.calls.map(({ identifier }) => identifier)).size).toBe(1);
  });

  it('goes on after a process died that had sent and could not say so, without a second event', async () => {
    const dies = async () => {
      await stripeDeliver({ apiKey: 'sk_test_spec', base: stripe.base })((await events())[0]!.event);
      throw new Error('killed');
    };
    await expect(deliverDue(db, dies as never, clock)).rejects.toThrow('killed');
    expect(await states()).toEqual(['pending']);
    expect(await send()).toBe(0);
    nowMs += 60_000;
    expect(await send()).toBe(1);
    expect(await states()).toEqual(['sent']);
    expect([stripe.taken.size, stripe.calls.length]).toEqual([1, 2]);
  });

  it('holds an event whose outcome is unknown for a day, for a person to decide', async () => {
    stripe.always = { takes: true, answers: 'breaks' };
    await send();
    const calls = stripe.calls.length;
    nowMs += 23 * HOUR_MS + 1;
    stripe.always = TAKES;
    expect(await send()).toBe(0);
    const [held] = (await events()) as [MeterEvent];
    expect(held).toMatchObject({ state: 'held', attempts: 1, problem: expect.stringContaining('unknown') });

    const { identifier } = held.event;
    const body: ResolveBody = {
      identifiers: [identifier, 'nobody'],
      as: 'sent',
      reason: 'it is there',
      actor: 'spec',
    };
    expect(await resolve(db, body, nowMs)).toEqual({ resolved: [identifier], untouched: ['nobody'] });
    expect(await states()).toEqual(['sent']);
    expect(stripe.calls).toHaveLength(calls);
    expect(await db.query('SELECT kind, actor FROM billing.operations')).toEqual([
      { kind: 'resolve', actor: 'spec' },
    ]);
  });

  it('never holds for unknown what Stripe surely refused, however long that went on', async () => {
    stripe.next.push({ takes: false, answers: 429 });
    await send();
    nowMs += 30 * HOUR_MS;
    expect(await send()).toBe(1);
    expect(await states()).toEqual(['sent']);
  });

  it('holds an event that Stripe would find too old, sent or not', async () => {
    nowMs = NOON + 35 * DAY_MS;
    expect(await send()).toBe(0);
    expect(await events()).toMatchObject([{ state: 'held', problem: expect.stringContaining('past') }]);
    expect(stripe.calls).toEqual([]);
  });

  it('marks what Stripe refuses for good as failed, and sends it again when a person says so', async () => {
    stripe.next.push({ takes: false, answers: 400, message: 'No such customer' });
    await send();
    const [failed] = (await events()) as [MeterEvent];
    expect(failed).toMatchObject({ state: 'failed', problem: '400: No such customer' });
    nowMs += DAY_MS;
    expect(await send()).toBe(0);
    const again: ResolveBody = {
      identifiers: [failed.event.identifier],
      as: 'pending',
      reason: 'mended',
      actor: 'spec',
    };
    await resolve(db, again, nowMs);
    await send();
    expect(await states()).toEqual(['sent']);
  });

  it('shares what is due between processes', async () => {
    for (let n = 0; n < 20; n += 1) await use(`more ${n}`, n, '1', NOON + 21 * HOUR_MS);
    await close(20);
    nowMs = NOON + 20 * HOUR_MS;
    while ((await Promise.all([send(), send(), send()])).some((count) => count > 0));
    expect(stripe.calls).toHaveLength(21);
    const sum = [...stripe.taken.values()].reduce((total, { value }) => total + BigInt(value), 0n);
    expect(sum).toBe(21_000_000n);
  });
});

it('only an answer below 500 says that Stripe does not have an event', () => {
  const kinds = (...statuses: (number | undefined)[]): Outcome['kind'][] =>
    statuses.map((statusCode) => outcomeOf({ ...(statusCode && { statusCode }), message: 'no' }).kind);
  expect(kinds(undefined, 302, 500, 503)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  expect(kinds(401, 403, 409, 429)).toEqual(['postponed', 'postponed', 'postponed', 'postponed']);
  expect(kinds(400, 404)).toEqual(['refused', 'refused']);
});
