import { status } from './status.ts';

const expires_at = '2026-11-23T10:00:00.000Z';
const AT = Date.parse(expires_at);
const key = { revoked_at: null, enabled: true, expires_at };

it.each([
  ['active until its expiry', key, AT - 1, 'active'],
  ['expired from that instant on', key, AT, 'expired'],
  ['active for ever without one', { ...key, expires_at: null }, AT, 'active'],
  ['disabled, whether expired or not', { ...key, enabled: false }, AT + 1, 'disabled'],
  ['revoked, whatever else', { ...key, enabled: false, revoked_at: expires_at }, AT + 1, 'revoked'],
] as const)('a key is %s', (_, state, nowMs, expected) => {
  expect(status(state, nowMs)).toBe(expected);
});
