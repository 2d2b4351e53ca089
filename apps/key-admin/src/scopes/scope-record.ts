import type { EventType } from '@tollgate/contracts/events';
import type { StreamEvent } from '@tollgate/event-store/stream';
import { type OutgoingRecord, toRecord } from '@tollgate/kafka/cloud-event';

/** What happened to a scope, with the state that it led to, as `keys` carries it. */
export interface ScopeFact {
  readonly type: EventType;
  /** The fields that changed, with their new values; never a secret. */
  readonly change: Readonly<Record<string, unknown>>;
  readonly state: object;
}

/** A scope's event as it goes to `keys`. Its id is deterministic: the scope and its version. */
export const toScopeRecord = (
  { at, actor }: StreamEvent,
  { id, version }: { readonly id: string; readonly version: number },
  { type, change, state }: ScopeFact,
): OutgoingRecord =>
  toRecord('keys', {
    id: `${id}/${version}`,
    source: '/key-admin',
    type,
    time: at,
    subject: id,
    data: { version, actor, change, state },
  });

/** The scope and version that a record's `ce_id` names; `null` for a record of another kind. */
export function scopeVersionOf({ headers }: OutgoingRecord): { scopeId: string; version: number } | null {
  const match = /^((?:key|team|org)_[0-9A-Za-z]+)\/(\d+)$/.exec(headers['ce_id'] ?? '');
  return match ? { scopeId: match[1]!, version: Number(match[2]) } : null;
}
