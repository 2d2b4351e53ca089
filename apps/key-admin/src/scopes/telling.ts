import type { AuditAction } from '@tollgate/contracts/audit-http';
import type { EventType } from '@tollgate/contracts/events';
import type { StreamEvent } from '@tollgate/event-store/stream';
import type { ScopeKind } from './change-scope.ts';
import { toScopeRecord } from './scope-record.ts';

export interface Told<Event extends StreamEvent, State> {
  /** What each event is called on the topic and in the audit log. */
  readonly as: Readonly<Record<Event['type'], readonly [EventType, AuditAction]>>;
  /** The fields that an event changed, with their new values; never a secret. */
  changeOf(event: Event): Record<string, unknown>;
  /** What of the scope goes to gateways and metering. */
  stateOf(after: State): object;
  /** The team that the scope is in, or is. */
  teamOf(after: State): string | null;
}

/** How the events of one kind of scope are told to gateways and to the audit log. */
export const telling = <
  Event extends StreamEvent,
  State extends { readonly id: string; readonly version: number },
>({
  as,
  changeOf,
  stateOf,
  teamOf,
}: Told<Event, State>): Pick<ScopeKind<never, Event, State>, 'toRecord' | 'toDeed'> => {
  const namesOf = ({ type }: Event) => as[type as Event['type']];
  return {
    toRecord: (event, after) =>
      toScopeRecord(event, after, {
        type: namesOf(event)[0],
        change: changeOf(event),
        state: stateOf(after),
      }),
    toDeed: (event, after) => ({
      action: namesOf(event)[1],
      target: after.id,
      team_id: teamOf(after),
      after: changeOf(event),
    }),
  };
};
