import { TollgateError } from '@tollgate/contracts/errors';

export const noSuchTeam = () =>
  new TollgateError('not_found', 'There is no team with this id; GET /v1/teams lists those there are.');
