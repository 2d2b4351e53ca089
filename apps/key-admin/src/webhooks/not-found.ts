import { TollgateError } from '@tollgate/contracts/errors';

export const noSuchWebhook = () =>
  new TollgateError('not_found', 'There is no webhook with this id; GET /v1/webhooks lists those there are.');

export const noSuchDelivery = () =>
  new TollgateError(
    'not_found',
    'This webhook has no delivery with this id; GET /v1/webhooks/{id}/deliveries lists those there are.',
  );
