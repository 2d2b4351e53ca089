import type { IncomingMessage } from 'node:http';
import { ClientAddress } from './client-address.ts';

const from = (trusted: string[], remoteAddress: string | undefined, forwardedFor?: string) =>
  new ClientAddress(trusted).of({
    socket: { remoteAddress },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  } as unknown as IncomingMessage);

const PROXIES = ['10.0.0.0/8', '2001:db8:1::/48'];

describe('the address of a client', () => {
  it('is the socket’s where no proxy is trusted, whatever the request says', () => {
    expect(from([], '203.0.113.7', '198.51.100.1')).toBe('203.0.113.7');
    expect(from([], '::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(from([], undefined, '198.51.100.1')).toBeNull();
  });

  it.each([
    ['a caller that is no trusted proxy is believed nothing', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a trusted proxy is believed', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['a chain of trusted proxies is believed', '::ffff:10.0.0.1', '198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['what a client put there itself is not', '10.0.0.1', '192.0.2.1, 198.51.100.1', '198.51.100.1'],
    ['nor what it pretends is a proxy', '10.0.0.1', '192.0.2.1, 198.51.100.1, 10.2.2.2', '198.51.100.1'],
    ['IPv6 in its one form', '2001:db8:1::5', '2001:DB8:0:0::1', '2001:db8::1'],
    ['mapped IPv4 as IPv4', '10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a port is left out', '10.0.0.1', '198.51.100.1:4711', '198.51.100.1'],
    ['in brackets too', '10.0.0.1', '[2001:db8::1]:4711', '2001:db8::1'],
    ['the proxy itself where nothing readable is before it', '10.0.0.1', 'unknown', '10.0.0.1'],
    ['the last readable hop', '10.0.0.1', 'unknown, 10.0.0.2', '10.0.0.2'],
    ['the first proxy where all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['an empty header says nothing', '10.0.0.1', '', '10.0.0.1'],
  ])('%s', (_, socket, forwardedFor, expected) => {
    expect(from(PROXIES, socket, forwardedFor)).toBe(expected);
  });

  it('is found in bounded time', () => {
    expect(from(PROXIES, '10.0.0.1', '10.0.0.2,'.repeat(50_000))).toBe('10.0.0.1');
    expect(from(PROXIES, '10.0.0.1', `198.51.100.1${',10.0.0.2'.repeat(50_000)}`)).toBe('10.0.0.2');
  });
});
