import type { EventType, KeyChanged } from '@tollgate/contracts/events';
import type { KeyEvent } from '@tollgate/domain/key/events';
import { changeOf, toGatewayState } from '@tollgate/domain/key/gateway-state';
import type { KeyState } from '@tollgate/domain/key/state';
import { type OutgoingRecord, toRecord } from '@tollgate/kafka/cloud-event';

const TYPES: Record<KeyEvent['type'], EventType> = {
  KeyCreated: 'tollgate.key.created.v1',
  KeyUpdated: 'tollgate.key.updated.v1',
  KeyEnabled: 'tollgate.key.enabled.v1',
  KeyDisabled: 'tollgate.key.disabled.v1',
  KeyRotated: 'tollgate.key.rotated.v1',
  KeyReset: 'tollgate.key.reset.v1',
  KeyRevoked: 'tollgate.key.revoked.v1',
};

/** An event with the state it led to, as it goes to `keys`. Its id is deterministic: the key and its version. */
export function toKeyRecord(event: KeyEvent, after: KeyState): OutgoingRecord {
  const data: KeyChanged = {
    version: after.version,
    actor: event.actor,
    change: changeOf(event),
    state: toGatewayState(after),
  };
  return toRecord('keys', {
    id: `${after.id}/${after.version}`,
    source: '/key-admin',
    type: TYPES[event.type],
    time: event.at,
    subject: after.id,
    data,
  });
}

/** The key and version that a record's `ce_id` names; `null` for a record of another kind. */
export function keyVersionOf({ headers }: OutgoingRecord): { keyId: string; version: number } | null {
  const match = /^(key_[0-9A-Za-z]+)\/(\d+)$/.exec(headers['ce_id'] ?? '');
  return match ? { keyId: match[1]!, version: Number(match[2]) } : null;
}
