import { BlockList, isIPv6 } from 'node:net';

/** Of IPv4, what RFC 6890 and its successors set apart: this host, private networks, link-local, tests, multicast … */
const SPECIAL_IPV4: [network: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** Of IPv6 only 2000::/3 is public, and not what in it is reserved, or carries an IPv4 address that may be private. */
const PUBLIC_IPV6: [string, number] = ['2000::', 3];
const SPECIAL_IPV6: [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [network, bits] of SPECIAL_IPV4) special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of SPECIAL_IPV6) special.addSubnet(network, bits, 'ipv6');
const publicIpv6 = new BlockList();
publicIpv6.addSubnet(...PUBLIC_IPV6, 'ipv6');

/** Whether an address is not a public one: what listens there trusts its network, as cloud metadata services do. */
export const isForbiddenAddress = (address: string): boolean =>
  isIPv6(address)
    ? !publicIpv6.check(address, 'ipv6') || special.check(address, 'ipv6')
    : special.check(address, 'ipv4');
