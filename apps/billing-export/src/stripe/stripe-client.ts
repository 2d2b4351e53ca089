import type { Outcome } from '@tollgate/domain/billing/delivery';
import Stripe from 'stripe';
import type { Deliver } from './deliver.ts';

/**
 * The client calls again, once, where a connection was closed under it: twice this is less than a lease, and less
 * than a service has to stop.
 */
const TIMEOUT_MS = 10_000;
const LONGEST_PROBLEM = 500;

/** Refusals that an event is not to blame for: the key, too many calls, somebody else at the same time. */
const POSTPONING_STATUS = new Set([401, 403, 409, 429]);
/** How Stripe refuses an identifier that it has; it tells so in words alone. */
const DUPLICATE = /event already exists with identifier/i;

/** Delivers through Stripe's own client. Attempts are counted and spaced by us. */
export function stripeDeliver(
  { apiKey, base }: { apiKey: string; base: string },
  timeoutMs = TIMEOUT_MS,
): Deliver {
  const { protocol, hostname, port } = new URL(base);
  const stripe = new Stripe(apiKey, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    port: port || (protocol === 'http:' ? 80 : 443),
    maxNetworkRetries: 0,
    timeout: timeoutMs,
    telemetry: false,
  });
  return async (event) => {
    try {
      await stripe.billing.meterEvents.create(event);
      return { kind: 'delivered' };
    } catch (error) {
      return outcomeOf(error as { statusCode?: number; message?: string });
    }
  };
}

/** What an error of the client says of the event: only an answer below 500 says that it was not taken. */
export function outcomeOf({ statusCode, message }: { statusCode?: number; message?: string }): Outcome {
  const problem = `${statusCode ?? 'no answer'}: ${message ?? ''}`.slice(0, LONGEST_PROBLEM);
  if (statusCode === undefined || statusCode >= 500 || statusCode < 400) return { kind: 'unknown', problem };
  if (statusCode === 400 && DUPLICATE.test(message ?? '')) return { kind: 'delivered' };
  if (POSTPONING_STATUS.has(statusCode)) return { kind: 'postponed', problem };
  return { kind: 'refused', problem };
}
