import { type LookupAllOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isForbiddenAddress } from './forbidden-address.ts';
import { addressRefusal, literalRefusal, type ReceiverPolicy } from './receiver-policy.ts';

/** A receiver whose address may not be reached; the message says which. */
export class AddressRefused extends Error {}

/** Looks a name up; the part of `dns.lookup` that is used. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: { address: string; family: number }[]) => void,
) => void;

/**
 * Opens connections for webhooks. The addresses that a name resolves to are looked at by the very lookup whose result
 * is connected to, so a name that resolves to something else a moment later gains nothing.
 */
export function guardedConnector(
  policy: ReceiverPolicy,
  timeoutMs: number,
  lookup: LookupAll = systemLookup,
): buildConnector.connector {
  const open = buildConnector({ timeout: timeoutMs });
  const guarded = buildConnector({ timeout: timeoutMs, lookup: publicOnly(lookup) });
  return (options, callback) => {
    if (policy.allows(options)) return open(options, callback);
    const refusal = literalRefusal(options.hostname);
    if (refusal) return callback(new AddressRefused(`The address ${refusal}.`), null);
    guarded(options, callback);
  };
}

/** A lookup that fails where any of the addresses is not public. */
function publicOnly(lookup: LookupAll): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      const refused = addresses.find(({ address }) => isForbiddenAddress(address));
      if (refused) {
        const refusal = new AddressRefused(`${hostname} ${addressRefusal(refused.address)}.`);
        return callback(refusal, []);
      }
      if (options.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
  };
}
