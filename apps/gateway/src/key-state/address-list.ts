import { BlockList, isIP, SocketAddress } from 'node:net';

const MAPPED = '::ffff:';
/** Bits of an IPv4-mapped IPv6 address before the IPv4 address itself. */
const MAPPED_BITS = 96;
const DIGITS = /^\d{1,3}$/;

/**
 * An address in its one form: IPv6 compressed and in lower case without its zone, an IPv4-mapped one as IPv4.
 * `null` where the text is no address.
 */
export function canonicalAddress(text: string): string | null {
  const [address = ''] = text.split('%', 1);
  const version = isIP(address);
  if (version === 4) return address;
  if (version === 0) return null;
  return unmapped(new SocketAddress({ address, family: 'ipv6' }).address);
}

/** As {@link canonicalAddress}, for an address that the operating system wrote. */
export const unmapped = (address: string): string =>
  address.startsWith(MAPPED) && address.includes('.') ? address.slice(MAPPED.length) : address;

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4');

/** Addresses and CIDRs, IPv4 and IPv6. What is neither allows nobody. */
export class AddressList {
  private readonly list = new BlockList();

  constructor(entries: readonly string[]) {
    for (const entry of entries) this.add(entry);
  }

  /** @param address in its canonical form; `null`, an unknown one, is on no list */
  includes(address: string | null): boolean {
    return address !== null && this.list.check(address, familyOf(address));
  }

  private add(entry: string): void {
    const [text = '', prefix] = entry.split('/');
    const address = canonicalAddress(text);
    if (address === null) return;
    const family = familyOf(address);
    const wasMapped = family === 'ipv4' && text.includes(':');
    if (prefix === undefined) {
      this.list.addAddress(address, family);
      return;
    }
    const bits = DIGITS.test(prefix) ? Number(prefix) - (wasMapped ? MAPPED_BITS : 0) : -1;
    const most = family === 'ipv4' ? 32 : 128;
    if (bits >= 0 && bits <= most) this.list.addSubnet(address, bits, family);
  }
}
