import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningKafka, startKafka } from '@tollgate/dev-stack/kafka';
import { freePort } from '@tollgate/dev-stack/ports';
import { eventually } from '@tollgate/testing/eventually';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

const MIB = 1_048_576;
const REQUESTS_WHILE_AWAY = 100;
/** What the router promises, and what it takes the client to find the broker again. */
const DRAINED_WITHIN_MS = 10_000;

describe('while the broker is away', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'broker-away-'));
  let broker: RunningKafka;
  let place: { dataDir: string; port: number; controllerPort: number; log: () => void };
  let gateway: RunningGateway;
  let key: SpecKey;

  beforeAll(async () => {
    place = { dataDir, port: await freePort(), controllerPort: await freePort(), log: () => undefined };
    broker = await startKafka(place);
    gateway = await RunningGateway.start('away', {
      KAFKA_BROKERS: broker.brokers,
      TOLLGATE_LOG_MAX_BYTES: String(MIB),
    });
    key = await gateway.newKey();
  }, 60_000);
  afterAll(async () => {
    await gateway?.stop();
    await broker?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  const ask = async (): Promise<number> => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: `hi ${directive({ completion_tokens: 3 })}` }],
      }),
    });
    const body = (await answer.json()) as { error?: { code: string } };
    if (answer.status === 503) expect(body.error?.code).toBe('usage_backlog_full');
    return answer.status;
  };
  const attempts = async () => (await gateway.provider.log()).map(({ request_id }) => request_id).sort();
  /** By id, as readers know them: a send that the dying broker took without saying so is repeated. */
  const recorded = () => [...new Set(gateway.recordsOf(key.id).map(({ id }) => id))].sort();
  const allRecorded = () =>
    eventually(async () => expect(recorded()).toEqual(await attempts()), { within_ms: DRAINED_WITHIN_MS });

  it('requests go on, and every one is recorded once within 10 s of its return', async () => {
    expect(await ask()).toBe(200);
    await broker.kill();
    for (let i = 0; i < REQUESTS_WHILE_AWAY; i += 1) expect(await ask()).toBe(200);
    broker = await startKafka(place);
    await allRecorded();
    expect(recorded()).toHaveLength(REQUESTS_WHILE_AWAY + 1);
  }, 90_000);

  it('requests are refused before a provider is called once the log is full, and admitted when it has drained', async () => {
    await broker.kill();
    while ((await ask()) === 200);
    const forwarded = await attempts();
    expect(await ask()).toBe(503);
    expect(await attempts()).toEqual(forwarded);
    broker = await startKafka(place);
    await eventually(async () => expect(await ask()).toBe(200), { within_ms: DRAINED_WITHIN_MS });
    await allRecorded();
  }, 120_000);
});
