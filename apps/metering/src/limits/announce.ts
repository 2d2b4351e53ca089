import type { CloudEvent, EventType, LimitEvent } from '@tollgate/contracts/events';
import { type ScopeMeter } from '@tollgate/domain/metering/meter';
import { enqueue } from '@tollgate/event-store/outbox';
import { type OutgoingRecord, toRecord } from '@tollgate/kafka/cloud-event';
import type { EntityManager } from 'typeorm';
import type { Through } from '../fold/usage-offsets.ts';
import type { ScopeRow } from '../scopes/scope-row.ts';
import { saveProgress } from '../scopes/sql/save-scopes.ts';
import { type Reason, toLimitEvent } from './limit-event.ts';
import type { Notice } from './notice.ts';
import { keepNotices } from './sql/keep-notices.ts';

/** What follows for a locked scope from a change of its totals or settings. */
export interface Announcement {
  readonly scope: ScopeRow;
  /** The scope's meter in the period that counts now. */
  readonly meter: ScopeMeter;
  /** Warnings, breaches and resets that hold; what was told before is not told again. */
  readonly notices: readonly Notice[];
  /** Publish the meter, for this reason; `null`: later, when it is due. */
  readonly publish: Reason | null;
  /** When the scope's next publication is due if not by a change before then. */
  readonly dueMs: number | null;
}

/** Goes on with the trace that leads to what happens to a scope. @returns the event's `traceparent` */
export interface EventTrace {
  told(scopeId: string, kind: string): string | undefined;
}

/**
 * Puts events into the outbox and notes in the scopes what was published, in the caller's transaction and
 * under its locks of the scopes: so one scope's events leave in the order of their sequence.
 *
 * @param through read under the same locks
 * @param trace told of each event that leaves, so that the trace that led to it goes on
 */
export async function announce(
  sql: EntityManager,
  announcements: readonly Announcement[],
  through: Through,
  nowMs: number,
  trace: EventTrace | null = null,
): Promise<void> {
  const kept = await keepNotices(
    sql,
    announcements.flatMap(({ notices }) => notices),
    nowMs,
  );
  const fresh = new Set(kept);
  const time = new Date(nowMs).toISOString();
  const records: OutgoingRecord[] = [];
  const scopes = announcements.map(({ scope, meter, notices, publish, dueMs }): ScopeRow => {
    let { sequence, published } = scope;
    for (const notice of notices) {
      if (!fresh.has(notice)) continue;
      const traceparent = trace?.told(scope.scopeId, notice.kind);
      records.push(noticeRecord(notice, meter, ++sequence, time, traceparent));
    }
    if (publish) {
      records.push(meterRecord(meter, publish, ++sequence, through, scope.recall, time));
      const { period, generation, limitRevision, used } = meter;
      published = { periodId: period.id, generation, limitRevision, used, atMs: nowMs };
    }
    return { ...scope, sequence, published, publishDueMs: dueMs };
  });
  await enqueue(sql, records);
  await saveProgress(sql, scopes);
}

function meterRecord(
  meter: ScopeMeter,
  reason: Reason,
  sequence: number,
  through: Through,
  recall: number,
  time: string,
): OutgoingRecord {
  const { offsets, epoch } = through;
  const data: LimitEvent = {
    ...toLimitEvent(meter, reason, sequence),
    through: offsets,
    ...(epoch > 0 && { epoch }),
    ...(recall > 0 && { recall }),
  };
  const id = `${meter.scopeId}/metered/${sequence}`;
  return toRecord('limits', event('tollgate.limit.metered.v1', id, time, data));
}

function noticeRecord(
  notice: Notice,
  current: ScopeMeter,
  sequence: number,
  time: string,
  traceparent: string | undefined,
): OutgoingRecord {
  const told = toLimitEvent(notice.meter, notice.reason, sequence);
  const data: LimitEvent = {
    ...told,
    // After a reset nothing is blocked by what ended, and the next one is the current period's end.
    ...(notice.kind === 'limit.reset' && {
      blocked: [],
      resets_at: toLimitEvent(current, notice.reason, sequence).resets_at,
    }),
    ...(notice.dimension && { dimension: notice.dimension }),
    ...(notice.threshold !== null && { threshold: notice.threshold }),
  };
  const leaving = event(`tollgate.${notice.kind}.v1`, notice.id, time, data);
  return toRecord('limit-events', leaving, leaving.subject, traceparent);
}

const event = (type: EventType, id: string, time: string, data: LimitEvent): CloudEvent<LimitEvent> => ({
  id,
  source: '/metering',
  type,
  time,
  subject: data.scope_id,
  data,
});
