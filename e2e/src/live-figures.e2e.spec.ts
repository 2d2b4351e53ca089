import { LiveStream, type StreamEvent } from '@tollgate/admin-client/live-stream';
import type { StreamMeter } from '@tollgate/contracts/stream-http';
import { eventually } from '@tollgate/testing/eventually';
import { chat, fake, System } from './system.ts';

let system: System;
let stream: LiveStream;
const events: (StreamEvent & { readonly atMs: number })[] = [];

beforeAll(async () => {
  system = await System.start('live');
  stream = new LiveStream(system.admin.client, {
    onEvent: (event) => events.push({ ...event, atMs: Date.now() }),
  });
});
afterAll(async () => {
  stream?.pause();
  await system?.stop();
});

const metersOf = (id: string) =>
  events.flatMap((seen) =>
    seen.event === 'meter' && seen.data.scope_id === id
      ? [{ ...(seen.data as StreamMeter), atMs: seen.atMs }]
      : [],
  );

it('what a request used is on the stream within a second of being counted, then that its limit is reached', async () => {
  const { key, secret } = await system.admin.createKey({ limits: { tokens: 100 } });
  stream.watch([key.id, 'org_default']);
  stream.resume();
  await eventually(() => expect(metersOf(key.id)).not.toEqual([]));
  const question = chat(`hello ${fake({ completion_tokens: 40 })}`);
  const lagsMs: number[] = [];
  for (let requests = 1; requests <= 3; requests += 1) {
    await system.client(secret).chat.completions.create(question);
    let told: (StreamMeter & { atMs: number }) | undefined;
    await eventually(() => {
      told = metersOf(key.id).find(({ meter }) => meter.requests === requests);
      expect(told).toBeDefined();
    });
    const { data } = await system.admin.client.keys.statement({ id: key.id });
    expect(told!.meter.tokens).toBe(data.at(-1)!.balance.tokens);
    lagsMs.push(told!.atMs - Date.parse(data.at(-1)!.recorded_at));
    expect(told!.last_used_at).toBe(data.at(-1)!.admitted_at);
    if (told!.meter.blocked.length > 0) break;
  }
  // A machine that stalls once says nothing of the bound.
  expect(Math.min(...lagsMs)).toBeLessThan(1_000);
  const isBreach = ({ event, data }: StreamEvent) =>
    event === 'limit' && data.kind === 'limit.breached' && data.scope_id === key.id;
  await eventually(() => expect(events.some(isBreach)).toBe(true));
  expect(metersOf('org_default').at(-1)!.meter.requests).toBeGreaterThan(0);
  expect(metersOf(key.id).at(-1)!.meter.remaining.tokens).toBe(0);
});
