import type { KeyChanged, OrganizationChanged, TeamChanged } from '@tollgate/contracts/events';
import type { KeyState } from '@tollgate/domain/key/state';
import type { TeamState } from '@tollgate/domain/team/state';
import { lockStream, readStream, restoreStream, type StreamEvent } from '@tollgate/event-store/stream';
import { instantOf } from '@tollgate/service-kit/ids';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { KEY } from '../keys/key-kind.ts';
import { ORGANIZATION } from '../organization/organization-kind.ts';
import { fold, type ScopeKind } from '../scopes/change-scope.ts';
import { TEAM } from '../teams/team-kind.ts';
import type { Told } from './told.ts';

/**
 * Takes a scope over as the topic has it, where that is later than what is known here, in the caller's transaction.
 * What only people read of it (owner, environment, purpose) is not on the topic unless its last change was of that: it
 * stays as it was known, or empty.
 * @returns `false` where nothing later was told
 */
export function adopt(
  em: EntityManager,
  id: string,
  told: Told,
  by: { readonly caller: Caller; readonly audit: AuditTrail },
): Promise<boolean> {
  if (id.startsWith('key_')) {
    return adoptAs(em, KEY, told, by, (known) => ({ type: 'KeyRestored', data: wholeKey(known, told) }));
  }
  if (id.startsWith('team_')) {
    return adoptAs(em, TEAM, told, by, (known) => ({ type: 'TeamRestored', data: wholeTeam(known, told) }));
  }
  const { state, version } = told.changed as OrganizationChanged;
  return adoptAs(em, ORGANIZATION, told, by, () => ({
    type: 'OrganizationRestored',
    data: { ...state, version },
  }));
}

async function adoptAs<Command, Event extends StreamEvent, State extends { readonly version: number }>(
  em: EntityManager,
  kind: ScopeKind<Command, Event, State>,
  { at, changed }: Told,
  { caller, audit }: { readonly caller: Caller; readonly audit: AuditTrail },
  restored: (known: State | null) => Pick<Event, 'type' | 'data'>,
): Promise<boolean> {
  const { id } = changed.state;
  if (changed.version <= (await lockStream(em, id))) return false;
  const known = fold(kind, await readStream<Event>(em, id));
  const event = { ...restored(known), at, actor: changed.actor } as Event;
  const state = kind.evolve(known, event)!;
  await restoreStream(em, id, changed.version, event);
  await kind.save(em, state);
  await audit.record(em, caller, [{ ...kind.toDeed(event, state), at: Date.now(), before: null }]);
  return true;
}

/** What is known of the making of a scope: its first record says when that was, or its id, to a few milliseconds. */
const made = ({ at, changed }: Told) => {
  const ms = changed.version === 1 ? Date.parse(at) : instantOf(changed.state.id);
  return { created_at: new Date(Number.isNaN(ms) ? 0 : ms).toISOString(), created_by: changed.actor };
};

function wholeKey(known: KeyState | null, told: Told): KeyState {
  const { version, change, state } = told.changed as KeyChanged;
  const text = (field: 'owner' | 'environment' | 'purpose') =>
    change[field] === undefined ? (known?.[field] ?? null) : (change[field] as string | null);
  return {
    ...(known ?? made(told)),
    owner: text('owner'),
    environment: text('environment'),
    purpose: text('purpose'),
    ...state,
    version,
  };
}

function wholeTeam(known: TeamState | null, told: Told): TeamState {
  const { version, state } = told.changed as TeamChanged;
  return { ...(known ?? made(told)), ...state, version };
}
