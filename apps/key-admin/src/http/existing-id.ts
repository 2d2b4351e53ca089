import type { PipeTransform } from '@nestjs/common';
import type { TollgateError } from '@tollgate/contracts/errors';
import { adminId, deliveryId, keyId, teamId, webhookId } from '@tollgate/contracts/ids';
import type { z } from 'zod';
import { noSuchAdminKey } from '../admin-keys/revoke-admin-key.ts';
import { noSuchKey } from '../keys/no-such-key.ts';
import { noSuchTeam } from '../teams/no-such-team.ts';
import { noSuchDelivery, noSuchWebhook } from '../webhooks/not-found.ts';

/** What is not even an id is answered like an id of nothing. */
class ExistingId implements PipeTransform<string, string> {
  constructor(
    private readonly id: z.ZodType<string>,
    private readonly missing: () => TollgateError,
  ) {}

  transform(value: string): string {
    if (!this.id.safeParse(value).success) throw this.missing();
    return value;
  }
}

export const existingKeyId = new ExistingId(keyId, noSuchKey);
export const existingTeamId = new ExistingId(teamId, noSuchTeam);
export const existingAdminKeyId = new ExistingId(adminId, noSuchAdminKey);
export const existingWebhookId = new ExistingId(webhookId, noSuchWebhook);
export const existingDeliveryId = new ExistingId(deliveryId, noSuchDelivery);
