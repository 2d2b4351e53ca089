import type { KeyState, LimitEvent } from '@tollgate/contracts/events';
import { type Limits, UNLIMITED } from '@tollgate/contracts/limits';
import fc from 'fast-check';
import { limitEvent } from '../../specs/limit-event.ts';
import { KeyTable } from './key-table.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const REVOKED = '2026-11-23T11:00:00.000Z';

const stateOf = (id: string, overrides: Partial<KeyState> = {}): KeyState => ({
  id,
  name: 'spec',
  team_id: 'team_default',
  enabled: true,
  revoked_at: null,
  expires_at: null,
  secrets: [],
  limits: { ...UNLIMITED },
  limit_revision: 1,
  generation: 0,
  metadata: {},
  allowed_models: null,
  allowed_ips: null,
  ...overrides,
});

function given() {
  const keys = new KeyTable(() => 0);
  const revoked: string[] = [];
  keys.onRevoked((id) => revoked.push(id));
  const apply = (version: number, overrides: Partial<KeyState> = {}, id = 'key_1') =>
    keys.applyKey({ version, actor: 'adm_spec', change: {}, state: stateOf(id, overrides) }, NOW);
  return { keys, revoked, apply, key: () => keys.get('key_1')! };
}

const meterOf = (sequence: number, overrides: Partial<LimitEvent>) =>
  limitEvent({ scope: 'key', scope_id: 'key_1', sequence, ...overrides });
const recordAt = (offset: bigint | null) => ({
  admittedAtMs: NOW,
  generations: { key: 0, team: 0, organization: 0 },
  costPicodollars: 0n,
  tokens: 10,
  partition: 0,
  offset,
});

describe('a key', () => {
  it('is as its latest version says, in whatever order versions come and however often', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (versions) => {
        const { apply, key } = given();
        for (const version of versions) apply(version, { name: `v${version}` });
        const latest = Math.max(...versions);
        expect(key()).toMatchObject({ version: latest, name: `v${latest}` });
      }),
    );
  });

  it('tells once when it becomes revoked, and by no older version', () => {
    const { apply, revoked } = given();
    apply(3);
    apply(2, { revoked_at: REVOKED });
    expect(revoked).toEqual([]);
    apply(4, { revoked_at: REVOKED });
    apply(4, { revoked_at: REVOKED });
    apply(5, { revoked_at: REVOKED });
    expect(revoked).toEqual(['key_1']);
  });

  it('that comes revoked has nothing to end', () => {
    const { apply, revoked } = given();
    apply(3, { revoked_at: REVOKED });
    expect(revoked).toEqual([]);
  });

  it('stays revoked though a later version says otherwise', () => {
    const { apply, key } = given();
    apply(1, { revoked_at: REVOKED });
    apply(2, { revoked_at: null, name: 'again' });
    expect(key()).toMatchObject({ revoked: true, name: 'again', version: 2 });
  });

  it('shares equal limits with others, and follows its own when they change', () => {
    const { keys, apply, key } = given();
    const limits: Limits = { ...UNLIMITED, cost_usd: '2.50', tokens: 10 };
    apply(1, { limits: { ...limits } });
    apply(1, { limits: { ...limits } }, 'key_2');
    expect(key().limits).toBe(keys.get('key_2')!.limits);
    expect(key().allowed).toEqual({
      costPicodollars: 2_500_000_000_000n,
      tokens: 10,
      requestsPerMinute: null,
    });
    apply(2, { limits: { ...limits, tokens: 11 } });
    expect(key().allowed.tokens).toBe(11);
    expect(keys.get('key_2')!.allowed.tokens).toBe(10);
  });

  it('is narrowed to models and addresses, and widened by a later version', () => {
    const { apply, key } = given();
    apply(1, { allowed_models: ['gpt-*'], allowed_ips: ['10.0.0.0/8'] });
    expect([key().allowsModel('gpt-4o'), key().allowsModel('o3')]).toEqual([true, false]);
    expect([key().allowsAddress('10.1.1.1'), key().allowsAddress('11.1.1.1')]).toEqual([true, false]);
    expect(key().allowsAddress(null)).toBe(false);
    apply(2, { allowed_models: ['o3'], allowed_ips: ['11.0.0.0/8'] });
    expect([key().allowsModel('gpt-4o'), key().allowsModel('o3')]).toEqual([false, true]);
    expect([key().allowsAddress('10.1.1.1'), key().allowsAddress('11.1.1.1')]).toEqual([false, true]);
    apply(3);
    expect([key().allowsModel('gpt-4o'), key().allowsAddress('10.1.1.1'), key().allowsAddress(null)]).toEqual(
      [true, true, true],
    );
  });

  it('keeps its metadata, of which its records tell', () => {
    const { apply, key } = given();
    const told = () => JSON.parse(`{${key().recordJson}}`);
    apply(1, { metadata: { cost_center: '42 "x"' } });
    expect(key().metadata).toEqual({ cost_center: '42 "x"' });
    expect(told()).toEqual({ key_id: 'key_1', team_id: 'team_default', metadata: key().metadata });
    expect(key().recordJson).toBe(key().recordJson);
    apply(2);
    expect(key().metadata).toEqual({});
    expect(told()).toEqual({ key_id: 'key_1', team_id: 'team_default', metadata: {} });
  });
});

describe('what a key has used', () => {
  it('is forgotten when it is revoked, once none of its records is on its way', () => {
    const { keys, apply, key } = given();
    apply(1);
    const used = () => key().account(NOW).usedAt(NOW).tokens;
    const told = (sequence: number, through: string) =>
      keys.applyMeter(
        meterOf(sequence, { through: { 0: through }, used: { cost_usd: '0.00', tokens: 5, requests: 1 } }),
        NOW,
      );
    told(1, '70');
    key().account(NOW).add(recordAt(70n));
    apply(2, { revoked_at: REVOKED });
    expect(used()).toBe(15);
    told(2, '70');
    expect(used()).toBe(15);
    told(3, '71');
    expect(used()).toBe(0);
  });
});

describe('a usage topic that was made anew', () => {
  it('has what was not counted written again, and what meters say of the former topic confirms nothing', () => {
    const { keys, apply, key } = given();
    apply(1);
    const displaced: string[] = [];
    const uncounted = { ...recordAt(70n), displaced: () => displaced.push('uncounted') };
    const waiting = { ...recordAt(null), displaced: () => displaced.push('waiting') };
    for (const scope of key().scopes)
      for (const record of [uncounted, waiting]) scope.account(NOW).add(record);
    keys.applyMeter(meterOf(1, { through: { 0: '70' } }), NOW);
    expect(displaced).toEqual([]);

    keys.applyMeter(meterOf(2, { epoch: 1, through: {} }), NOW);
    expect([keys.epoch, displaced, uncounted.offset]).toEqual([1, ['uncounted'], null]);
    waiting.offset = 0n;
    uncounted.offset = 1n;
    // Late, of the topic that is no more.
    keys.applyMeter(meterOf(3, { through: { 0: '90' } }), NOW);
    expect(key().account(NOW).pendingCount).toBe(2);
    keys.applyMeter(
      meterOf(4, { epoch: 1, through: { 0: '2' }, used: { cost_usd: '0.00', tokens: 20, requests: 2 } }),
      NOW,
    );
    expect([key().account(NOW).pendingCount, key().account(NOW).usedAt(NOW).tokens]).toEqual([0, 20]);
  });
});
