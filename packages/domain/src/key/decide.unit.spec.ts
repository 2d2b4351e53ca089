import { UNLIMITED } from '@tollgate/contracts/limits';
import { toInstant } from '../instant.ts';
import { type CreateKey, decide, type KeyCommand, MAX_SECRETS } from './decide.ts';
import type { CurrentSecret, KeyCreated, KeyEvent } from './events.ts';
import { toGatewayState } from './gateway-state.ts';
import { KeyRefused } from './refusal.ts';
import { foldKey } from './state.ts';

const NOW = Date.parse('2026-11-23T10:00:00.000Z');
const fact = { at: toInstant(NOW), actor: 'adm_1' };
const by = { nowMs: NOW, actor: 'adm_1' };
const secret = (last_four: string): CurrentSecret => ({
  digest: `digest of ${last_four}`,
  pepper: 1,
  last_four,
});

const create: CreateKey = {
  type: 'create',
  ...by,
  id: 'key_1',
  team_id: 'team_default',
  settings: { name: 'Search', owner: 'ann', limits: { tokens: 1_000 } },
  secret: secret('aaaa'),
};
const created: KeyEvent = {
  type: 'KeyCreated',
  ...fact,
  data: {
    id: 'key_1',
    team_id: 'team_default',
    name: 'Search',
    owner: 'ann',
    environment: null,
    purpose: null,
    expires_at: null,
    limits: { ...UNLIMITED, tokens: 1_000 },
    allowed_models: null,
    allowed_ips: null,
    metadata: {},
    secret: secret('aaaa'),
  },
};
const revoked: KeyEvent = { type: 'KeyRevoked', ...fact, data: {} };
const disabled: KeyEvent = { type: 'KeyDisabled', ...fact, data: {} };

const given = (...history: KeyEvent[]) => ({
  when: (command: KeyCommand) => decide(command, foldKey(history)),
});
/** Runs commands one after the other and gives the whole history. */
function after(...commands: KeyCommand[]): KeyEvent[] {
  const history: KeyEvent[] = [];
  for (const command of commands) history.push(...given(...history).when(command));
  return history;
}
const rotate = (last_four: string, overlap_seconds: number, nowMs = NOW): KeyCommand => ({
  type: 'rotate',
  ...by,
  nowMs,
  secret: secret(last_four),
  overlap_seconds,
});
const update = (settings: Extract<KeyCommand, { type: 'update' }>['settings']): KeyCommand => ({
  type: 'update',
  ...by,
  settings,
});

function refusal(run: () => unknown): KeyRefused {
  try {
    run();
  } catch (error) {
    if (error instanceof KeyRefused) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('a new key', () => {
  it('has every setting, unlimited where none is given', () => {
    expect(given().when(create)).toEqual([created]);
  });

  it('is narrowed from the start where it is to be', () => {
    const lists = { allowed_models: ['a*'], allowed_ips: ['10.0.0.1'] };
    const narrow = { ...create, settings: { ...create.settings, ...lists } };
    expect(given().when(narrow)).toEqual([{ ...created, data: { ...created.data, ...lists } }]);
  });

  it('is refused where the key exists', () => {
    expect(refusal(() => given(created).when(create)).code).toBe('key_exists');
  });

  it.each([
    ['now', toInstant(NOW)],
    ['the past', '2020-01-01T00:00:00.000Z'],
    ['before the year 0', '-000001-12-31T00:00:00.000Z'],
    ['after the year 9999', '+010000-01-01T00:00:00.000Z'],
  ])('is refused an expiry in %s', (_, expires_at) => {
    const wrong = { ...create, settings: { ...create.settings, expires_at } };
    expect(refusal(() => given().when(wrong))).toMatchObject({
      code: 'expiry_unusable',
      param: 'expires_at',
    });
  });
});

describe('an update', () => {
  it('carries only what changed, with the limits merged and null lifting one', () => {
    expect(
      given(created).when(
        update({ name: 'Search', owner: null, limits: { tokens: null, requests_per_minute: 60 } }),
      ),
    ).toEqual([
      {
        type: 'KeyUpdated',
        ...fact,
        data: { owner: null, limits: { ...UNLIMITED, requests_per_minute: 60 } },
      },
    ]);
  });

  it('gives no event where nothing changes', () => {
    expect(given(created).when(update({ name: 'Search', limits: { tokens: 1_000 }, metadata: {} }))).toEqual(
      [],
    );
    expect(given(created).when(update({ owner: undefined, limits: {} }))).toEqual([]);
  });

  it('raises the limit revision when limits change, and only then', () => {
    const named = after(create, update({ name: 'Find' }));
    expect(foldKey(named)).toMatchObject({ name: 'Find', limit_revision: 1, version: 2 });
    expect(foldKey(after(create, update({ limits: { reset_period: 'daily' } })))?.limit_revision).toBe(2);
  });

  it('replaces metadata whole', () => {
    const history = after(create, update({ metadata: { a: '1', b: '2' } }), update({ metadata: { b: '2' } }));
    expect(foldKey(history)?.metadata).toEqual({ b: '2' });
  });

  it('replaces allow-lists whole, and null lifts them', () => {
    const narrowed = after(create, update({ allowed_models: ['a', 'b*'], allowed_ips: ['10.0.0.0/8'] }));
    expect(foldKey(narrowed)).toMatchObject({ allowed_models: ['a', 'b*'], limit_revision: 1, version: 2 });
    expect(given(...narrowed).when(update({ allowed_models: ['a', 'b*'] }))).toEqual([]);
    expect(given(...narrowed).when(update({ allowed_models: null, allowed_ips: ['10.0.0.1'] }))).toEqual([
      { type: 'KeyUpdated', ...fact, data: { allowed_models: null, allowed_ips: ['10.0.0.1'] } },
    ]);
  });

  it('may send back an expiry that has passed, but not set one', () => {
    const at = NOW + 1_000;
    const history = after({ ...create, settings: { ...create.settings, expires_at: toInstant(at) } });
    const later = { ...by, type: 'update', nowMs: at + 1 } as const;
    expect(given(...history).when({ ...later, settings: { expires_at: toInstant(at) } })).toEqual([]);
    expect(
      refusal(() => given(...history).when({ ...later, settings: { expires_at: toInstant(at - 1) } })).code,
    ).toBe('expiry_unusable');
  });
});

it('a key from before allow-lists is allowed all, in its state and for gateways', () => {
  const { allowed_models: _, allowed_ips: __, ...data } = created.data as KeyCreated['data'];
  const old = foldKey([{ ...created, data } as KeyCreated])!;
  expect(old).toMatchObject({ allowed_models: null, allowed_ips: null });
  expect(toGatewayState(old)).toMatchObject({ allowed_models: null, allowed_ips: null });
});

describe('disable and enable', () => {
  it('toggle, and give no event where the key is so already', () => {
    expect(given(created).when({ type: 'disable', ...by })).toEqual([disabled]);
    expect(given(created, disabled).when({ type: 'disable', ...by })).toEqual([]);
    expect(given(created, disabled).when({ type: 'enable', ...by })).toEqual([
      { type: 'KeyEnabled', ...fact, data: {} },
    ]);
    expect(given(created).when({ type: 'enable', ...by })).toEqual([]);
  });
});

describe('rotation', () => {
  const secretsAfter = (...commands: KeyCommand[]) =>
    foldKey(after(create, ...commands))?.secrets.map(({ last_four, expires_at }) => [last_four, expires_at]);

  it('lets the old secret work for the overlap', () => {
    expect(secretsAfter(rotate('bbbb', 60))).toEqual([
      ['bbbb', null],
      ['aaaa', toInstant(NOW + 60_000)],
    ]);
  });

  it('leaves earlier replaced secrets the time they had, and forgets those whose time is over', () => {
    expect(secretsAfter(rotate('bbbb', 60), rotate('cccc', 10, NOW + 1_000))).toEqual([
      ['cccc', null],
      ['bbbb', toInstant(NOW + 11_000)],
      ['aaaa', toInstant(NOW + 60_000)],
    ]);
    expect(secretsAfter(rotate('bbbb', 60), rotate('cccc', 10, NOW + 60_000))).toEqual([
      ['cccc', null],
      ['bbbb', toInstant(NOW + 70_000)],
    ]);
  });

  it('without overlap ends every old secret at once, for one of them leaked', () => {
    expect(secretsAfter(rotate('bbbb', 604_800), rotate('cccc', 0))).toEqual([['cccc', null]]);
  });

  it('is refused when too many secrets work already, until one ends or all are ended', () => {
    const rotations = Array.from({ length: MAX_SECRETS - 1 }, (_, i) => rotate(`000${i}`, 60 + i));
    const history = after(create, ...rotations);
    expect(foldKey(history)?.secrets).toHaveLength(MAX_SECRETS);
    const refused = refusal(() => given(...history).when(rotate('ffff', 60)));
    expect(refused).toMatchObject({ code: 'too_many_secrets', param: 'overlap_seconds' });
    expect(refused.message).toContain(toInstant(NOW + 60_000));
    expect(given(...history).when(rotate('ffff', 60, NOW + 60_000))).toHaveLength(1);
    expect(given(...history).when(rotate('ffff', 0))).toHaveLength(1);
  });
});

describe('a reset', () => {
  it('starts a new generation each time and tells why', () => {
    const reset: KeyCommand = { type: 'reset', ...by, reason: 'invoice paid' };
    expect(given(created).when(reset)).toEqual([
      { type: 'KeyReset', ...fact, data: { reason: 'invoice paid' } },
    ]);
    expect(foldKey(after(create, reset, reset))?.generation).toBe(2);
  });
});

describe('revocation', () => {
  it('is told once', () => {
    expect(given(created).when({ type: 'revoke', ...by })).toEqual([revoked]);
    expect(given(created, revoked).when({ type: 'revoke', ...by })).toEqual([]);
  });

  it.each<[string, KeyCommand]>([
    ['update', update({ name: 'Other' })],
    ['update without a change', update({})],
    ['enable', { type: 'enable', ...by }],
    ['disable', { type: 'disable', ...by }],
    ['rotate', rotate('bbbb', 0)],
    ['reset', { type: 'reset', ...by, reason: null }],
  ])('is final: %s is refused', (_, command) => {
    expect(refusal(() => given(created, revoked).when(command)).code).toBe('key_revoked');
  });
});

it.each<KeyCommand>([update({}), { type: 'enable', ...by }, rotate('bbbb', 0), { type: 'revoke', ...by }])(
  'a key that does not exist is refused $type',
  (command) => {
    expect(refusal(() => given().when(command)).code).toBe('key_missing');
  },
);
