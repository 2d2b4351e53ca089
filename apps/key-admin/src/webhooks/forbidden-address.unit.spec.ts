import { isForbiddenAddress } from './forbidden-address.ts';

it.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:8.8.8.8',
  '64:ff9b::7f00:1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
])('%s is not to be reached', (address) => {
  expect(isForbiddenAddress(address)).toBe(true);
});

it.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.169.0.1'])(
  '%s is public',
  (address) => expect(isForbiddenAddress(address)).toBe(false),
);
it.each(['2606:4700:4700::1111', '2a00:1450:4001::8a'])('%s is public', (address) =>
  expect(isForbiddenAddress(address)).toBe(false),
);
