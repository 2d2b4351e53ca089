import { TollgateError } from '@tollgate/contracts/errors';

export const noSuchKey = () =>
  new TollgateError('not_found', 'There is no key with this id; GET /v1/keys lists those there are.');
