import type { IncomingMessage } from 'node:http';
import type { KeyState } from '@tollgate/contracts/events';
import { UNLIMITED } from '@tollgate/contracts/limits';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { newId } from '@tollgate/service-kit/ids';
import { digestSecret, newToken } from '@tollgate/service-kit/tokens';
import { Denials } from '../denials/denials.ts';
import { KeyTable } from '../key-state/key-table.ts';
import { Authenticator } from './authenticate.ts';
import { ClientAddress } from './client-address.ts';

const PEPPERS = [
  { version: 2, key: Buffer.alloc(32, 2) },
  { version: 1, key: Buffer.alloc(32, 1) },
];
const pepperOf = (version: number) => PEPPERS.find((pepper) => pepper.version === version)!.key;
/** Long after the ids of the spec were made, so that failures count. */
const NOW = Date.now() + 3_600_000;

let keys: KeyTable;
let authenticator: Authenticator;
let denials: Denials;
let stale: boolean;
beforeEach(() => {
  keys = new KeyTable(() => 0);
  denials = new Denials();
  stale = false;
  authenticator = new Authenticator({
    keys,
    keyState: { isStale: () => stale },
    peppers: PEPPERS,
    addresses: new ClientAddress([]),
    failedLogins: new FailedLogins(),
    denials,
  });
});

let version = 0;
function given(overrides: Partial<KeyState> = {}, pepper = 2) {
  const id = newId('key');
  const { token, secret } = newToken('tg', id);
  const digest = digestSecret(secret, pepperOf(pepper));
  const state: KeyState = {
    id,
    name: 'spec',
    team_id: 'team_default',
    enabled: true,
    revoked_at: null,
    expires_at: null,
    secrets: [{ digest, pepper, last_four: token.slice(-4), expires_at: null }],
    limits: UNLIMITED,
    limit_revision: 1,
    generation: 0,
    metadata: {},
    allowed_models: null,
    allowed_ips: null,
    ...overrides,
  };
  const apply = (next: KeyState) => {
    version += 1;
    keys.applyKey({ version, actor: 'adm_spec', change: {}, state: next }, NOW);
  };
  apply(state);
  return { id, token, state, apply };
}

type Headers = readonly (readonly [string, string])[];
function request(headers: Headers, remoteAddress = '203.0.113.7') {
  const parsed: Record<string, string> = {};
  // As node:http does: the first of some, others joined.
  for (const [name, value] of headers) {
    const field = name.toLowerCase();
    if (!(field in parsed)) parsed[field] = value;
    else if (field !== 'authorization') parsed[field] += `, ${value}`;
  }
  return {
    headers: parsed,
    rawHeaders: headers.flat(),
    socket: { remoteAddress },
  } as unknown as IncomingMessage;
}
const bearer = (token: string): Headers => [['Authorization', `Bearer ${token}`]];

interface Asked {
  readonly apiKeyHeader?: boolean;
  readonly atMs?: number;
  readonly from?: string;
}
/** What the caller is told: the key's id, or the error's code. */
function ask(headers: Headers, { apiKeyHeader = false, atMs = NOW, from }: Asked = {}): string {
  try {
    return authenticator.authenticate(request(headers, from), atMs, apiKeyHeader).key.id;
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('a credential', () => {
  it('is a bearer token, or an x-api-key where the path has one', () => {
    const { id, token } = given();
    expect(ask(bearer(token))).toBe(id);
    expect(ask([['x-api-key', token]], { apiKeyHeader: true })).toBe(id);
    expect(ask([['x-api-key', token]])).toBe('invalid_api_key');
    expect(ask([])).toBe('invalid_api_key');
  });

  it('may be sent both ways, but not two of them', () => {
    const { id, token } = given();
    const other = given().token;
    const both = (second: string): Headers => [...bearer(token), ['x-api-key', second]];
    expect(ask(both(token), { apiKeyHeader: true })).toBe(id);
    expect(ask(both(other), { apiKeyHeader: true })).toBe('invalid_api_key');
    expect(ask(both('anything'), { apiKeyHeader: true })).toBe('invalid_api_key');
    expect(
      ask(
        [
          ['authorization', 'Basic x'],
          ['x-api-key', token],
        ],
        { apiKeyHeader: true },
      ),
    ).toBe('invalid_api_key');
  });

  it.each<[string, (token: string) => Headers]>([
    ['two Authorization headers', (token) => [...bearer(token), ['authorization', `Bearer ${token}`]]],
    ['another one after it', (token) => [...bearer(token), ['AUTHORIZATION', 'Bearer x']]],
    ['another scheme', (token) => [['authorization', `Basic ${token}`]]],
    ['a typing error', (token) => bearer(`${token.slice(0, -1)}_`)],
    ['1 MiB', () => bearer('a'.repeat(1_048_576))],
    ['SQL', () => bearer("' OR 1=1 --")],
    ['an admin key', () => bearer(newToken('tga', newId('adm')).token)],
  ])('is refused with %s', (_, headers) => {
    expect(ask(headers(given().token))).toBe('invalid_api_key');
  });

  it('of two x-api-key headers is none', () => {
    const { token } = given();
    const twice: Headers = [
      ['x-api-key', token],
      ['x-api-key', token],
    ];
    expect(ask(twice, { apiKeyHeader: true })).toBe('invalid_api_key');
  });
});

describe('a key', () => {
  it('that is unknown, has another secret or was revoked gets one answer', () => {
    const { id } = given();
    const revoked = given({ revoked_at: '2026-01-01T00:00:00.000Z' });
    const told = [newToken('tg', newId('key')).token, newToken('tg', id).token, revoked.token].map(
      (token) => {
        try {
          authenticator.authenticate(request(bearer(token)), NOW, false);
        } catch (error) {
          return (error as { toBody(): unknown }).toBody();
        }
        throw new Error('was let in');
      },
    );
    expect(told[0]).toMatchObject({ error: { code: 'invalid_api_key' } });
    expect(told).toEqual([told[0], told[0], told[0]]);
  });

  it('is digested under the pepper that it was made with', () => {
    const { id, token } = given({}, 1);
    expect(ask(bearer(token))).toBe(id);
  });

  it('whose pepper is not configured is not let in', () => {
    const { token, state, apply } = given();
    apply({ ...state, secrets: [{ ...state.secrets[0]!, pepper: 9 }] });
    expect(ask(bearer(token))).toBe('invalid_api_key');
  });

  it('takes replaced secrets until each one’s end, whatever their pepper', () => {
    const { id, token, state, apply } = given({}, 1);
    const next = newToken('tg', id);
    const current = { ...state.secrets[0]!, pepper: 2, digest: digestSecret(next.secret, pepperOf(2)) };
    const end = new Date(NOW + 1_000).toISOString();
    apply({ ...state, secrets: [current, { ...state.secrets[0]!, expires_at: end }] });
    expect(ask(bearer(next.token))).toBe(id);
    expect(ask(bearer(token), { atMs: NOW + 999 })).toBe(id);
    expect(ask(bearer(token), { atMs: NOW + 1_000 })).toBe('invalid_api_key');
    expect(ask(bearer(next.token), { atMs: NOW + 1_000 })).toBe(id);
  });

  it('that is disabled, expired, or used from elsewhere is told so, in this order', () => {
    const elsewhere = { allowed_ips: ['198.51.100.0/24'] };
    const past = { expires_at: new Date(NOW).toISOString(), ...elsewhere };
    expect(ask(bearer(given({ enabled: false, ...past }).token))).toBe('key_disabled');
    expect(ask(bearer(given(past).token))).toBe('key_expired');
    expect(ask(bearer(given(elsewhere).token))).toBe('ip_not_allowed');
    const { id, token } = given(elsewhere);
    expect(ask(bearer(token), { from: '::ffff:198.51.100.9' })).toBe(id);
  });
});

describe('failed logins', () => {
  const wrong = () => bearer(newToken('tg', newId('key')).token);

  it('are answered 429 after 20 in a minute from one address, with when to try again', () => {
    for (let n = 0; n < 20; n += 1) expect(ask(wrong())).toBe('invalid_api_key');
    expect(ask(wrong(), { atMs: NOW + 30_000 })).toBe('too_many_failed_logins');
    expect(ask(bearer('nonsense'))).toBe('too_many_failed_logins');
    expect(() => authenticator.authenticate(request(wrong()), NOW + 30_000, false)).toThrow(
      expect.objectContaining({ status: 429, extras: { retryAfterSeconds: 30 } }),
    );
    expect(ask(wrong(), { from: '198.51.100.1' })).toBe('invalid_api_key');
    expect(ask(wrong(), { atMs: NOW + 60_000 })).toBe('invalid_api_key');
  });

  it('are counted by key too, wherever they come from', () => {
    const { id } = given();
    const guess = (n: number) => ask(bearer(newToken('tg', id).token), { from: `198.51.100.${n}` });
    for (let n = 0; n < 20; n += 1) expect(guess(n)).toBe('invalid_api_key');
    expect(guess(21)).toBe('too_many_failed_logins');
  });

  it('keep nobody out who has the right key', () => {
    const { id, token } = given();
    for (let n = 0; n < 50; n += 1) ask(bearer(newToken('tg', id).token));
    expect(ask(bearer(token))).toBe(id);
  });

  it('do not count for a key that was made less than 5 s ago, which may be on its way here', () => {
    const ofUnknownKeys = Array.from({ length: 100 }, wrong);
    const soon = Date.now();
    for (const token of ofUnknownKeys) expect(ask(token, { atMs: soon })).toBe('invalid_api_key');
    for (let n = 0; n < 20; n += 1) expect(ask(wrong(), { atMs: soon + 10_000 })).toBe('invalid_api_key');
    expect(ask(wrong(), { atMs: soon + 10_000 })).toBe('too_many_failed_logins');
  });
});

describe('who is not let in', () => {
  it('is counted by reason and address, with the key where there is such a key', () => {
    const known = given();
    const disabled = given({ enabled: false });
    for (const token of [
      newToken('tg', known.id).token,
      newToken('tg', newId('key')).token,
      'x',
      disabled.token,
    ]) {
      ask(bearer(token));
    }
    ask(bearer(known.token));
    const counted = denials
      .takeAll()
      .map(({ key_id, reason, count, client_ip }) => [key_id, reason, count, client_ip]);
    expect(counted).toEqual([
      [known.id, 'invalid_api_key', 1, '203.0.113.7'],
      [null, 'invalid_api_key', 2, '203.0.113.7'],
      [disabled.id, 'key_disabled', 1, '203.0.113.7'],
    ]);
  });

  it('is nobody and everybody while it is not known which keys are valid', () => {
    const { id, token } = given();
    stale = true;
    expect(ask(bearer(token))).toBe('key_state_stale');
    expect(ask(bearer('x'))).toBe('key_state_stale');
    expect(denials.size).toBe(0);
    stale = false;
    expect(ask(bearer(token))).toBe(id);
  });
});
