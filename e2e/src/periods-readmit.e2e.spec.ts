import type { ErrorBody } from '@tollgate/contracts/errors';
import { eventually } from '@tollgate/testing/eventually';
import OpenAI from 'openai';
import { chat, System } from './system.ts';

const DAY_MS = 86_400_000;

describe("a period's end", () => {
  let system: System;

  beforeAll(async () => {
    system = await System.start('periods');
  });
  afterAll(() => system?.stop());

  it('readmits a blocked key from that instant, in its own time zone, and is published once', async () => {
    const { key, secret } = await system.admin.createKey({
      limits: { tokens: 5, reset_period: 'daily', timezone: 'Asia/Kathmandu' },
    });
    // Midnight in Greenwich: the day in Kathmandu has still some time to go.
    await system.moveClocksTo(new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS));
    const ask = () => system.client(secret).chat.completions.create(chat('hello'));
    await ask();
    const error = (await ask().catch((thrown: unknown) => thrown)) as InstanceType<typeof OpenAI.APIError>;
    expect(error.status).toBe(429);
    const { details } = { details: (error.error as ErrorBody['error']).details as { resets_at: string } };
    // Kathmandu is 5 h 45 min ahead of UTC.
    expect(details.resets_at).toMatch(/T18:15:00\.000Z$/);
    const end = Date.parse(details.resets_at);
    await eventually(async () =>
      expect((await system.admin.overview(key.id)).meter.blocked).toEqual(['tokens']),
    );

    await system.moveClocksTo(new Date(end - 15_000));
    await eventually(() => expect(ask()).rejects.toMatchObject({ status: 429 }));
    await system.moveClocksTo(new Date(end));
    await eventually(ask);

    await eventually(async () => {
      const { meter, history } = await system.admin.overview(key.id);
      expect(meter.requests).toBe(1);
      expect(meter.period.start).toBe(details.resets_at);
      expect(
        history.filter(({ kind, reason }) => kind === 'limit.reset' && reason === 'period'),
      ).toHaveLength(1);
    });
  });
});
