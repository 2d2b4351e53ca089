import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LineItem, MeterEvent } from '@tollgate/contracts/billing-http';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { eventually } from '@tollgate/testing/eventually';
import { chat, fake, System } from './system.ts';

const HOUR_MS = 3_600_000;

describe('what was used is billed', () => {
  let system: System;
  beforeAll(async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'tollgate-stripe-')), 'stripe.json');
    const from = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
    const customers = [{ team_id: 'team_default', stripe_customer_id: 'cus_spec', from }];
    writeFileSync(file, JSON.stringify({ customers, meters: [{ event_name: 'cost', unit: 'micro_usd' }] }));
    system = await System.start('billed', { with: ['billing-export'], env: { BILLING_STRIPE_FILE: file } });
  });
  afterAll(() => system?.stop());

  const ask = (token: string, completionTokens: number) =>
    system.client(token).chat.completions.create(chat(`hi ${fake({ completion_tokens: completionTokens })}`));
  const lines = async <T>(path: string): Promise<T[]> => {
    const answer = await fetch(`${system.billingUrl}${path}`, {
      headers: { authorization: `Bearer ${system.internalToken}` },
    });
    expect(answer.status).toBe(200);
    return (await answer.text())
      .split('\n')
      .filter((line) => line)
      .map((line) => JSON.parse(line) as T);
  };
  const until = () => new Date(Date.now() + 4 * HOUR_MS).toISOString();
  const billed = async (keyId: string) => {
    const items = await lines<LineItem>(`/v1/line-items?format=ndjson&key_id=${keyId}&to=${until()}`);
    let [cost, tokens, requests] = [0n, 0n, 0n];
    for (const item of items) {
      cost += parseUsd(item.cost_usd);
      tokens += BigInt(item.tokens_total);
      requests += BigInt(item.requests);
    }
    return { cost_usd: formatUsd(cost), tokens: Number(tokens), requests: Number(requests) };
  };
  const metered = async (keyId: string) => {
    const { cost_usd, tokens, requests } = (await system.admin.overview(keyId)).meter;
    return { cost_usd, tokens, requests };
  };

  it('line items of a key come to exactly its meter, through kills of billing and a credit; and so do meter events', async () => {
    const keys = [await system.admin.createKey(), await system.admin.createKey()];
    const askAll = () =>
      Promise.all(
        keys.map(async ({ secret }) => {
          for (let n = 0; n < 25; n += 1) await ask(secret, 5 + n);
        }),
      );
    const asking = askAll();
    await system.kill('billing-export');
    await system.startAgain('billing-export');
    await asking;
    await system.moveClocksTo(new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS));
    const { id } = keys[0]!.key;
    const credit = await fetch(`${system.meteringUrl}/v1/credits`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.internalToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key_id: id, cost_usd: '0.000001', tokens: 3, reason: 'spec' }),
    });
    expect(credit.status).toBe(200);
    // The hour of the first answers is told as it was: the credit is set against what is used after it.
    await askAll();
    let whole = 0n;
    for (const { key } of keys) {
      await eventually(async () => expect((await metered(key.id)).requests).toBe(50));
      await eventually(async () => expect(await billed(key.id)).toEqual(await metered(key.id)));
      whole += parseUsd((await metered(key.id)).cost_usd);
    }
    expect(whole).toBeGreaterThan(0n);

    await system.moveClocksTo(new Date(Date.now() + 3 * HOUR_MS));
    await eventually(async () => {
      const events = await lines<MeterEvent>(`/v1/meter-events?to=${until()}`);
      const told = events.reduce((sum, { event }) => sum + BigInt(event.payload.value), 0n);
      expect(told).toBe(whole / 1_000_000n);
    });
  }, 120_000);
});
