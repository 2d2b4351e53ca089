import type { IncomingMessage } from 'node:http';
import { AddressList, canonicalAddress, unmapped } from '../key-state/address-list.ts';

/** More hops than any chain of proxies has; what is before them is not looked at. */
const MAX_HOPS = 32;
/** `[2001:db8::1]:443` and `203.0.113.7:443`: some proxies note the port. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/;

/**
 * Where a request comes from. `x-forwarded-for` can be written by anybody, so it is believed from the right, as
 * far as each hop is a trusted proxy: the first one that is not, is the client.
 */
export class ClientAddress {
  private readonly trusted: AddressList | null;

  /** @param trustedProxies addresses and CIDRs of the operator's own proxies */
  constructor(trustedProxies: readonly string[]) {
    this.trusted = trustedProxies.length === 0 ? null : new AddressList(trustedProxies);
  }

  /** Canonical; `null` where the connection has gone already. */
  of({ socket, headers }: Pick<IncomingMessage, 'socket' | 'headers'>): string | null {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return null;
    if (this.trusted === null) return unmapped(remoteAddress);
    return this.believed(canonicalAddress(remoteAddress), String(headers['x-forwarded-for'] ?? ''));
  }

  private believed(peer: string | null, forwardedFor: string): string | null {
    let client = peer;
    if (forwardedFor === '') return client;
    const hops = forwardedFor.split(',').slice(-MAX_HOPS);
    while (this.trusted!.includes(client)) {
      const hop = hops.pop()?.trim();
      const address = hop ? canonicalAddress(withoutPort(hop)) : null;
      if (address === null) break;
      client = address;
    }
    return client;
  }
}

function withoutPort(hop: string): string {
  const match = WITH_PORT.exec(hop);
  return match?.[1] ?? match?.[2] ?? hop;
}
