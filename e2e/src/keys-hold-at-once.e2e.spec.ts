import type { KeyWithSecret } from '@tollgate/contracts/admin-http';
import { atBest } from '@tollgate/testing/at-best';
import OpenAI from 'openai';
import { chat, System } from './system.ts';

/** The bound on how long a change of a key may take to hold at the router. */
const WITHIN_MS = 1_000;

describe('a change of a key holds at the router when its call has answered, within 1 s', () => {
  let system: System;

  beforeAll(async () => {
    system = await System.start('keys');
  });
  afterAll(() => system?.stop());

  const ask = (token: string) => system.client(token).chat.completions.create(chat('hello'));
  /** The router's refusal, as the stock client reports it. */
  const refusal = async (token: string) => {
    const error = await ask(token).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(OpenAI.APIError);
    const { status, code } = error as InstanceType<typeof OpenAI.APIError>;
    return [status, code];
  };

  /** What is done with a key that was made before. */
  const timed = (change: (made: KeyWithSecret) => Promise<void>) =>
    atBest(async () => {
      const made = await system.admin.createKey();
      const start = performance.now();
      await change(made);
      expect(performance.now() - start).toBeLessThan(WITHIN_MS);
    });

  it('a created key works the first time it is used', async () => {
    await timed(async () => {
      const { secret, propagation } = await system.admin.createKey();
      expect(propagation).toMatchObject({ complete: true, gateways: 1, acknowledged: 1 });
      expect((await ask(secret)).choices[0]?.message.content).toBeTruthy();
    });
  });

  it('a disabled key is refused, and works again when it is enabled', async () => {
    await timed(async ({ key, secret }) => {
      await system.admin.patch(key.id, { enabled: false });
      expect(await refusal(secret)).toEqual([403, 'key_disabled']);
    });
    await timed(async ({ key, secret }) => {
      await system.admin.patch(key.id, { enabled: false });
      await system.admin.patch(key.id, { enabled: true });
      await ask(secret);
    });
  });

  it('a revoked key is refused for good: nothing brings it back', async () => {
    await timed(async ({ key, secret }) => {
      expect(await system.admin.revoke(key.id)).toMatchObject({ status: 'revoked' });
      expect(await refusal(secret)).toEqual([401, 'invalid_api_key']);
    });
    const { key, secret } = await system.admin.createKey();
    await system.admin.revoke(key.id);
    for (const change of [{ enabled: true }, { name: 'back' }, { expires_at: null }]) {
      await expect(system.admin.patch(key.id, change)).rejects.toMatchObject({
        status: 409,
        code: 'key_revoked',
      });
    }
    await expect(system.admin.rotate(key.id, 0)).rejects.toMatchObject({ status: 409 });
    expect(await system.admin.revoke(key.id)).toMatchObject({ status: 'revoked' });
    expect(await refusal(secret)).toEqual([401, 'invalid_api_key']);
  });

  it('a key is refused from the instant it expires', async () => {
    const { key, secret } = await system.admin.createKey({
      expires_at: new Date(Date.now() + 180_000).toISOString(),
    });
    await ask(secret);
    await system.moveClocksTo(new Date(Date.parse(key.expires_at!) - 15_000));
    await ask(secret);
    await system.moveClocksTo(new Date(key.expires_at!));
    expect(await refusal(secret)).toEqual([401, 'key_expired']);
    await system.moveClocksTo(new Date());
  });

  it('a rotated key takes both secrets during the overlap, and only the new one when it leaked', async () => {
    await timed(async ({ key, secret: first }) => {
      const { secret: second } = await system.admin.rotate(key.id, 3_600);
      await ask(first);
      await ask(second);
    });
    await timed(async ({ key, secret: first }) => {
      const { secret: second } = await system.admin.rotate(key.id, 0);
      await ask(second);
      expect(await refusal(first)).toEqual([401, 'invalid_api_key']);
    });
    const { key, secret: first } = await system.admin.createKey();
    const { secret: second } = await system.admin.rotate(key.id, 3_600);
    await system.admin.rotate(key.id, 0);
    for (const old of [first, second]) expect(await refusal(old)).toEqual([401, 'invalid_api_key']);
  });
});
