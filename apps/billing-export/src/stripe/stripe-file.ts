import { instantInput } from '@tollgate/contracts/instant';
import { HOUR_MS } from '@tollgate/domain/billing/line-items';
import { METER_UNITS, type MeterUnit } from '@tollgate/domain/billing/meter-events';
import { z } from 'zod';

const customer = z.strictObject({
  team_id: z.string().min(1).max(128),
  stripe_customer_id: z.string().regex(/^\w{1,255}$/, 'must be an id like cus_…'),
  /** The first hour that is billed: a team is never billed for a past that nobody named. */
  from: instantInput.refine((text) => Date.parse(text) % HOUR_MS === 0, 'must be the beginning of an hour'),
});
const meter = z.strictObject({
  event_name: z.string().regex(/^[\w.-]{1,100}$/, 'must be the event_name of a meter at Stripe'),
  unit: z.enum(METER_UNITS as [MeterUnit, ...MeterUnit[]], `must be one of ${METER_UNITS.join(', ')}`),
});
const MOST = 10_000;

/** `infra/stripe.json`: every meter is told of every team that is a customer. */
const stripeFile = z
  .strictObject({ customers: z.array(customer).max(MOST), meters: z.array(meter).max(20) })
  .superRefine(({ customers, meters }, ctx) => {
    const once = (list: string, names: readonly string[]) => {
      const twice = names.find((name, i) => names.indexOf(name) !== i);
      if (twice) ctx.addIssue({ code: 'custom', path: [list], message: `has ${twice} twice` });
    };
    once(
      'customers',
      customers.map(({ team_id }) => team_id),
    );
    once(
      'meters',
      meters.map(({ event_name }) => event_name),
    );
  });
export type StripeFile = z.output<typeof stripeFile>;

/** @throws Error naming the field that is wrong */
export function parseStripeFile(content: unknown): StripeFile {
  const result = stripeFile.safeParse(content);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new Error(`${path.join('.') || 'it'}: ${message}`);
}

/** What one team is told to one meter. */
export interface BilledLine {
  readonly teamId: string;
  readonly customerId: string;
  readonly eventName: string;
  readonly unit: MeterUnit;
  readonly fromMs: number;
}

export const billedLines = ({ customers, meters }: StripeFile): BilledLine[] =>
  customers.flatMap(({ team_id, stripe_customer_id, from }) =>
    meters.map(({ event_name, unit }) => ({
      teamId: team_id,
      customerId: stripe_customer_id,
      eventName: event_name,
      unit,
      fromMs: Date.parse(from),
    })),
  );
