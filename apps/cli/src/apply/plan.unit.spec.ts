import type { Key } from '@tollgate/contracts/admin-http';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { Complaint } from '../context.ts';
import { readManifest } from './manifest.ts';
import { type PlacedKey, plan } from './plan.ts';

const key = (overrides: Partial<Key>): Key => ({
  ...{ id: 'key_1', name: 'search', team_id: 'team_1', owner: null, environment: null, purpose: null },
  ...{ status: 'active', enabled: true, prefix: 'tg_1', last_four: '0000', created_at: '', created_by: '' },
  ...{ expires_at: null, last_used_at: null, limits: UNLIMITED, allowed_models: null, allowed_ips: null },
  ...{ metadata: {}, version: 1 },
  ...overrides,
});
const wanted = (overrides: Partial<PlacedKey> = {}): PlacedKey => ({
  ...{ name: 'search', team_id: 'team_1', enabled: true },
  ...overrides,
});
const file = { managedBy: 'platform', prune: true };
const loose = { managedBy: undefined, prune: false };

describe('a plan', () => {
  it('creates what is missing, marked with whose it is', () => {
    expect(plan([wanted({ metadata: { a: '1' } })], [], file)).toEqual([
      {
        do: 'create',
        name: 'search',
        enabled: true,
        body: { name: 'search', team_id: 'team_1', metadata: { a: '1', managed_by: 'platform' } },
      },
    ]);
  });

  it('knows a key by team and name, whatever the case', () => {
    expect(plan([wanted({ name: 'SEARCH' })], [key({ name: 'SEARCH' })], loose)).toEqual([]);
    expect(plan([wanted()], [key({ team_id: 'team_2' })], loose)).toMatchObject([{ do: 'create' }]);
  });

  it('changes what the file says otherwise, and nothing that it does not say', () => {
    const existing = key({ owner: 'ann', environment: 'production', limits: { ...UNLIMITED, tokens: 5 } });
    const steps = plan(
      [wanted({ owner: 'bob', enabled: false, limits: { cost_usd: '2.00', tokens: 5 } })],
      [existing],
      loose,
    );
    expect(steps).toMatchObject([
      {
        do: 'update',
        changes: [
          { field: 'owner', from: 'ann', to: 'bob' },
          { field: 'limits.cost_usd', from: null, to: '2.00' },
          { field: 'enabled', from: true, to: false },
        ],
      },
    ]);
  });

  it('marks a key that others made, and keeps its metadata unless the file says other', () => {
    const existing = key({ metadata: { cost_center: '42', managed_by: 'by hand' } });
    const metadataOf = (one: PlacedKey) => plan([one], [existing], file)[0];
    expect(metadataOf(wanted())).toMatchObject({
      body: { metadata: { cost_center: '42', managed_by: 'platform' } },
    });
    expect(metadataOf(wanted({ metadata: { a: '1' } }))).toMatchObject({
      body: { metadata: { a: '1', managed_by: 'platform' } },
    });
  });

  it('is none of a file that has a key twice, whatever the case', () => {
    const twice = [wanted({ name: 'a' }), wanted({ name: 'A' })];
    expect(() => plan(twice, [], loose)).toThrow('The key "A" is there twice');
    expect(plan([wanted(), wanted({ team_id: 'team_2' })], [], loose)).toHaveLength(2);
  });

  it('disables keys of the file that it no longer names, where it is told to, and no others', () => {
    const metadata = { managed_by: 'platform' };
    const others = [
      key({ id: 'key_gone', name: 'gone', metadata }),
      key({ id: 'key_off', name: 'off', metadata, enabled: false }),
      key({ id: 'key_theirs', name: 'theirs', metadata: { managed_by: 'else' } }),
      key({ id: 'key_nobody', name: 'nobody' }),
    ];
    expect(plan([], others, file)).toEqual([{ do: 'disable', key: others[0] }]);
    expect(plan([], others, { ...file, prune: false })).toEqual([]);
  });
});

describe('a file', () => {
  it('is YAML or JSON, with amounts as the API has them', () => {
    const { keys } = readManifest(
      'keys: [{name: a, limits: {cost_usd: 12.5}, expires_at: 2099-01-01T00:00:00+02:00}]',
    );
    expect(keys).toEqual([
      { name: 'a', enabled: true, limits: { cost_usd: '12.50' }, expires_at: '2098-12-31T22:00:00.000Z' },
    ]);
  });

  it.each([
    ['keys: [{name: a, limits: {token: 1}}]', 'There is no field "keys.0.limits.token"'],
    ['keys: [{name: a, limits: {tokens: 0}}]', 'keys.0.limits.tokens: must be greater than 0'],
    ['keys: [', 'The file is not YAML'],
    ['- a', 'The file: '],
  ])('that is wrong says where: %s', (text, says) => {
    expect(() => readManifest(text)).toThrow(Complaint);
    expect(() => readManifest(text)).toThrow(says);
  });
});
