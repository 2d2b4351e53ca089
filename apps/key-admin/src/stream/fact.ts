import type { CloudEvent, EventData, EventType } from '@tollgate/contracts/events';
import { HISTORY_KINDS, type HistoryEntry } from '@tollgate/contracts/metering-http';
import type { LimitTold, ScopeChanged, StreamEventName } from '@tollgate/contracts/stream-http';

/** Something that everybody is told who may see it. */
export interface Fact {
  readonly event: StreamEventName;
  readonly data: object;
  /** @param teamId the one team in which a reader acts; `null` is all */
  readonly isFor: (teamId: string | null) => boolean;
}

type ChangeType = Extract<EventType, `tollgate.${'key' | 'team' | 'organization'}.${string}`>;
type LimitType = `tollgate.${HistoryEntry['kind']}.v1`;

const CHANGE = /^tollgate\.(key|team|organization)\./;
const LIMIT_KINDS: Readonly<Record<string, HistoryEntry['kind']>> = Object.fromEntries(
  HISTORY_KINDS.map((kind) => [`tollgate.${kind}.v1` satisfies LimitType, kind]),
);

/** A change of a scope, from its record on `keys`; `null` of anything else there. */
export function changeFact({ type, subject: id, data }: CloudEvent): Fact | null {
  const scope = CHANGE.exec(type)?.[1] as ScopeChanged['scope'] | undefined;
  if (!scope) return null;
  const { version, state } = data as EventData<ChangeType>;
  const teamId = 'team_id' in state ? state.team_id : id;
  return { event: 'changed', data: { scope, id, version } satisfies ScopeChanged, isFor: seenBy(teamId) };
}

/** Whether an event of `limit-events` is one that {@link limitFact} tells. */
export const isLimitTold = ({ type }: CloudEvent): boolean => Object.hasOwn(LIMIT_KINDS, type);

/** A warning, breach or reset of a scope, as its history has it. @param teamId the team that it is in, or is */
export function limitFact({ type, time, data }: CloudEvent, teamId: string | null): Fact {
  const { scope, scope_id, period, generation, dimension, threshold, used, reason } =
    data as EventData<LimitType>;
  const told: LimitTold = {
    at: time,
    kind: LIMIT_KINDS[type]!,
    period_id: period.id,
    generation,
    dimension: dimension ?? null,
    threshold: threshold ?? null,
    used,
    reason,
    scope,
    scope_id,
  };
  return { event: 'limit', data: told, isFor: seenBy(teamId) };
}

/** What those of one team are told where nobody knows whether something concerns them. */
export const TEAMS_RESYNC: Fact = { event: 'resync', data: {}, isFor: (teamId) => teamId !== null };

const seenBy = (owner: string | null) => (teamId: string | null) => teamId === null || teamId === owner;
