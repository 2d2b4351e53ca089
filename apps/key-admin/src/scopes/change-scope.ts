import { TollgateError } from '@tollgate/contracts/errors';
import { enqueue } from '@tollgate/event-store/outbox';
import { appendToStream, lockStream, readStream, type StreamEvent } from '@tollgate/event-store/stream';
import type { OutgoingRecord } from '@tollgate/kafka/cloud-event';
import type { EntityManager } from 'typeorm';
import type { Caller } from '../admin-keys/caller.ts';
import type { AuditTrail, Deed } from '../audit/audit-trail.ts';

/** How scopes of one kind decide, are kept and are told of. */
export interface ScopeKind<Command, Event extends StreamEvent, State extends { readonly version: number }> {
  /** What people call one: "key". */
  readonly noun: string;
  decide(command: Command, state: State | null): Event[];
  evolve(state: State | null, event: Event): State | null;
  /** Writes the read model; the lock on the scope's stream is held. */
  save(em: EntityManager, state: State): Promise<unknown>;
  /** What gateways and metering are told. */
  toRecord(event: Event, after: State): OutgoingRecord;
  /** What the audit log is told of the event, and of the fields that it changed. */
  toDeed(event: Event, after: State): Pick<Deed, 'action' | 'target' | 'team_id' | 'after'>;
  missing(): TollgateError;
}

export interface Change<Command> {
  readonly caller: Caller;
  readonly id: string;
  /** Carried out in their order, all or none. */
  readonly commands: readonly Command[];
  /** The version that the caller has seen, or `null` where any will do. */
  readonly expectedVersion?: number | null;
}

/**
 * Changes one scope in the caller's transaction, and gives the state that the change led to: lock the stream, fold it,
 * decide, append, project, queue the records, write the audit log.
 * @throws TollgateError `precondition_failed` where it has another version, or what the kind says where it is not there
 */
export async function changeScope<
  Command,
  Event extends StreamEvent,
  State extends { readonly version: number },
>(
  em: EntityManager,
  audit: AuditTrail,
  kind: ScopeKind<Command, Event, State>,
  { caller, id, commands, expectedVersion = null }: Change<Command>,
): Promise<State> {
  const version = await lockStream(em, id);
  let state = fold(kind, await readStream<Event>(em, id));
  if (expectedVersion !== null && state !== null && expectedVersion !== version) {
    throw new TollgateError(
      'precondition_failed',
      `The ${kind.noun} is at version ${version}, not ${expectedVersion}: read it again before you change it.`,
      { details: { version } },
    );
  }
  const events: Event[] = [];
  const records: OutgoingRecord[] = [];
  const deeds: Deed[] = [];
  for (const command of commands) {
    for (const event of kind.decide(command, state)) {
      const before = state;
      state = kind.evolve(state, event)!;
      events.push(event);
      records.push(kind.toRecord(event, state));
      const deed = kind.toDeed(event, state);
      deeds.push({ ...deed, at: Date.parse(event.at), before: fieldsBefore(before, deed.after) });
    }
  }
  if (state === null) throw kind.missing();
  if (events.length === 0) return state;
  await appendToStream(em, id, version, events);
  await kind.save(em, state);
  await enqueue(em, records);
  await audit.record(em, caller, deeds);
  return state;
}

export function fold<Event extends StreamEvent, State>(
  { evolve }: { evolve(state: State | null, event: Event): State | null },
  history: readonly Event[],
): State | null {
  return history.reduce<State | null>((state, event) => evolve(state, event), null);
}

/** What the fields that changed were before. */
function fieldsBefore(before: object | null, after: Deed['after']): Deed['before'] {
  if (before === null || after === null) return null;
  const fields = Object.entries(before).filter(([field]) => field in after);
  return fields.length === 0 ? null : Object.fromEntries(fields);
}
