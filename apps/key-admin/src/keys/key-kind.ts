import type { AuditAction } from '@tollgate/contracts/audit-http';
import type { EventType } from '@tollgate/contracts/events';
import { decide, type KeyCommand } from '@tollgate/domain/key/decide';
import type { KeyEvent } from '@tollgate/domain/key/events';
import { changeOf, toGatewayState } from '@tollgate/domain/key/gateway-state';
import { evolve, type KeyState } from '@tollgate/domain/key/state';
import type { ScopeKind } from '../scopes/change-scope.ts';
import { toScopeRecord } from '../scopes/scope-record.ts';
import { noSuchKey } from './no-such-key.ts';
import { saveKey } from './sql/save-key.ts';

const TOLD_AS: Record<KeyEvent['type'], [EventType, AuditAction]> = {
  KeyCreated: ['tollgate.key.created.v1', 'key.created'],
  KeyUpdated: ['tollgate.key.updated.v1', 'key.updated'],
  KeyEnabled: ['tollgate.key.enabled.v1', 'key.enabled'],
  KeyDisabled: ['tollgate.key.disabled.v1', 'key.disabled'],
  KeyRotated: ['tollgate.key.rotated.v1', 'key.rotated'],
  KeyReset: ['tollgate.key.reset.v1', 'key.reset'],
  KeyRevoked: ['tollgate.key.revoked.v1', 'key.revoked'],
};

export const KEY: ScopeKind<KeyCommand, KeyEvent, KeyState> = {
  noun: 'key',
  decide,
  evolve,
  save: saveKey,
  toRecord: (event, after) =>
    toScopeRecord(event, after, {
      type: TOLD_AS[event.type][0],
      change: changeOf(event),
      state: toGatewayState(after),
    }),
  toDeed: (event, { id, team_id }) => ({
    action: TOLD_AS[event.type][1],
    target: id,
    team_id,
    after: changeOf(event),
  }),
  missing: noSuchKey,
};
