import { isIP } from 'node:net';
import { TollgateError } from '@tollgate/contracts/errors';
import { isForbiddenAddress } from './forbidden-address.ts';

/** A receiver that the operator allows though it may be private; any port where `port` is `null`. */
export interface AllowedHost {
  /** As a URL has it: lower case, IPv6 in brackets. */
  readonly host: string;
  readonly port: string | null;
}

const STANDARD_PORTS: Record<string, string> = { 'https:': '443', 'http:': '80' };
const LISTED = 'TOLLGATE_WEBHOOK_ALLOWED_HOSTS';

/** Where webhooks may go: public addresses over https, and whatever the operator lists. */
export class ReceiverPolicy {
  constructor(private readonly allowed: readonly AllowedHost[]) {}

  /** Whether the operator lists the host; then its address is not looked at. */
  allows({ hostname, port, protocol }: Pick<URL, 'hostname' | 'port' | 'protocol'>): boolean {
    const effective = port || STANDARD_PORTS[protocol];
    const host = hostname.toLowerCase();
    return this.allowed.some((entry) => entry.host === host && (entry.port ?? effective) === effective);
  }

  /** Why nothing may be sent to a URL, as far as the URL tells; `null` where it may. Names are looked up when it is. */
  refusal(text: string): string | null {
    const url = new URL(text);
    if (url.username || url.password) return 'must not contain a user name or password';
    if (url.hash) return 'must not have a fragment (#…)';
    if (this.allows(url)) return null;
    if (url.protocol !== 'https:') {
      return `must be an https address; plain http is for hosts that ${LISTED} lists`;
    }
    return literalRefusal(url.hostname);
  }

  /** @throws TollgateError `invalid_field` naming `param` */
  check(text: string, param = 'url'): void {
    const refusal = this.refusal(text);
    if (refusal) throw new TollgateError('invalid_field', `${param}: ${refusal}`, { param });
  }
}

/** Why a host that is written as an address may not be reached; `null` of a name or a public address. */
export function literalRefusal(hostname: string): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0 || !isForbiddenAddress(address)) return null;
  return addressRefusal(address);
}

export const addressRefusal = (address: string): string =>
  `must be a public address, and ${address} is not; an operator can allow its host in ${LISTED}`;
