import { decide, type KeyCommand } from '@tollgate/domain/key/decide';
import type { KeyEvent } from '@tollgate/domain/key/events';
import { changeOf, toGatewayState } from '@tollgate/domain/key/gateway-state';
import { evolve, type KeyState } from '@tollgate/domain/key/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { telling } from '../scopes/telling.ts';
import { noSuchKey } from './no-such-key.ts';
import { saveKey } from './sql/save-key.ts';

export const KEY: ScopeKind<KeyCommand, KeyEvent, KeyState> = {
  noun: 'key',
  decide,
  evolve,
  save: saveKey,
  ...telling({
    as: {
      KeyCreated: ['tollgate.key.created.v1', 'key.created'],
      KeyUpdated: ['tollgate.key.updated.v1', 'key.updated'],
      KeyEnabled: ['tollgate.key.enabled.v1', 'key.enabled'],
      KeyDisabled: ['tollgate.key.disabled.v1', 'key.disabled'],
      KeyRotated: ['tollgate.key.rotated.v1', 'key.rotated'],
      KeyReset: ['tollgate.key.reset.v1', 'key.reset'],
      KeyRevoked: ['tollgate.key.revoked.v1', 'key.revoked'],
      KeyRestored: ['tollgate.key.updated.v1', 'key.updated'],
    },
    changeOf,
    stateOf: toGatewayState,
    teamOf: ({ team_id }) => team_id,
  }),
  missing: noSuchKey,
};
