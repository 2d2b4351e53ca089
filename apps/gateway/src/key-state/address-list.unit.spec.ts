import { allowedIps } from '@tollgate/contracts/allow-lists';
import fc from 'fast-check';
import { AddressList, canonicalAddress } from './address-list.ts';

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['2001:DB8:0:0::1', '2001:db8::1'],
  ['::FFFF:cb00:7107', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['203.0.113.256', null],
  ['example.com', null],
  ['', null],
])('the one form of %p is %p', (text, canonical) => {
  expect(canonicalAddress(text)).toBe(canonical);
});

describe('a list of addresses', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['10.1.2.3/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['0.0.0.0/0', '198.51.100.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8:0:0::1', '2001:db8::1', true],
    ['203.0.113.0/24', '::ffff:203.0.113.7', true],
    ['203.0.113.0/24', '::ffff:cb00:7107', true],
    ['::ffff:203.0.113.0/120', '203.0.113.7', true],
    ['::ffff:203.0.113.0/120', '203.0.114.7', false],
    ['::ffff:203.0.113.7', '203.0.113.7', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['not an address', '203.0.113.7', false],
    ['203.0.113.0/33', '203.0.113.7', false],
    ['203.0.113.0/', '203.0.113.7', false],
  ])('%s and %s: %p', (entry, address, included) => {
    expect(new AddressList([entry]).includes(canonicalAddress(address))).toBe(included);
  });

  it('includes nobody whose address is unknown', () => {
    expect(new AddressList(['0.0.0.0/0', '::/0']).includes(null)).toBe(false);
  });

  it('includes its own entry, whatever the admin API lets through', () => {
    const entry = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    );
    fc.assert(
      fc.property(entry, (text) => {
        fc.pre(allowedIps.safeParse([text]).success);
        expect(new AddressList([text]).includes(canonicalAddress(text.split('/')[0]!))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});
