import { execFileSync } from 'node:child_process';
import { eventually } from '@tollgate/testing/eventually';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

describe('a gateway of two workers', () => {
  let gateway: RunningGateway;
  let key: SpecKey;
  beforeAll(async () => {
    gateway = await RunningGateway.start('workers', { GATEWAY_WORKERS: '2', TOLLGATE_INSTANCE: 'gw' });
    key = await gateway.newKey();
  });
  afterAll(() => gateway?.stop());

  const workers = () =>
    execFileSync('ps', ['-o', 'pid=', '--ppid', String(gateway.process.pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/)
      .map(Number);
  /** On a connection of its own, so that either worker may get it. */
  const ask = async () => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key.token}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      body: JSON.stringify({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: `hi ${directive({ completion_tokens: 3 })}` }],
      }),
    });
    await answer.text();
    return answer.status;
  };
  const instances = () => new Set(gateway.recordsOf(key.id).map((record) => record.gateway));

  it('serves one port with both, each an instance of its own', async () => {
    await eventually(async () => {
      expect(await ask()).toBe(200);
      expect(instances()).toEqual(new Set(['gw-0', 'gw-1']));
    });
  });

  it('tells the metrics of both, whichever is asked', async () => {
    for (let n = 0; n < 4; n += 1) {
      await eventually(async () => {
        const answer = await fetch(`${gateway.url}/metrics`, { headers: { connection: 'close' } });
        const [, attempts] = /^tollgate_attempts_total\{.*status="succeeded".*\} (\d+)$/m.exec(
          await answer.text(),
        )!;
        expect(Number(attempts)).toBe(gateway.recordsOf(key.id).length);
      });
    }
  });

  it('puts another in the place of one that is killed, under its name and with its log', async () => {
    const before = workers();
    process.kill(before[1]!, 'SIGKILL');
    const killedAt = new Date().toISOString();
    await eventually(() => {
      expect(workers()).toHaveLength(2);
      expect(workers()).not.toEqual(before);
    });
    await eventually(async () => {
      expect(await ask()).toBe(200);
      const later = gateway.recordsOf(key.id).filter(({ admitted_at }) => admitted_at > killedAt);
      expect(new Set(later.map((record) => record.gateway))).toEqual(new Set(['gw-0', 'gw-1']));
    });
  });

  it('ends in good order with both', async () => {
    const all = workers();
    const { code } = await gateway.process.stop();
    expect(code).toBe(0);
    for (const pid of all) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});
