import type { PipeTransform } from '@nestjs/common';
import { deliveryId, webhookId } from '@tollgate/contracts/ids';
import { noSuchDelivery, noSuchWebhook } from '../webhooks/not-found.ts';

/** What is not even an id of a webhook is answered like an id of none. */
export class ExistingWebhookId implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!webhookId.safeParse(value).success) throw noSuchWebhook();
    return value;
  }
}

/** The same of deliveries. */
export class ExistingDeliveryId implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!deliveryId.safeParse(value).success) throw noSuchDelivery();
    return value;
  }
}
