import { z } from 'zod';
import { overviewMeter, propagation } from './admin-http.ts';
import { warningThresholds } from './events.ts';
import { organizationId } from './ids.ts';
import { limits, limitsInput } from './limits.ts';
import { historyEntry } from './metering-http.ts';
import { scopeName } from './teams-http.ts';
import { replacedWebhooks, replaceWebhooksBody, webhook } from './webhooks.ts';

const rising = (percents: readonly number[]) =>
  percents.every((percent, i) => i === 0 || percent > percents[i - 1]!);

export const patchOrganizationBody = z
  .strictObject({
    name: scopeName,
    limits: limitsInput,
    /** Percents of a limit; an empty list warns never. */
    warning_thresholds: warningThresholds.refine(rising, 'must rise, each named once'),
    /** The whole list, as `PUT` would have it. */
    webhooks: replaceWebhooksBody,
  })
  .partial();
export type PatchOrganizationBody = z.infer<typeof patchOrganizationBody>;

export const organization = z.object({
  id: organizationId,
  name: z.string(),
  limits,
  warning_thresholds: warningThresholds,
  /** `null` for a viewer: addresses of webhooks can be secrets. */
  webhooks: z.array(webhook).nullable(),
  version: z.int(),
});
export type Organization = z.infer<typeof organization>;

export const organizationAnswer = organization.extend({
  propagation: propagation.optional(),
  /** Of webhooks that this call made; shown here and never again. */
  webhook_secrets: replacedWebhooks.shape.secrets.optional(),
});
export type OrganizationAnswer = z.infer<typeof organizationAnswer>;

export const organizationOverview = z.object({
  organization,
  meter: overviewMeter,
  history: z.array(historyEntry),
});
export type OrganizationOverview = z.infer<typeof organizationOverview>;
