import {
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { UsageRecorded } from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { ReceivedEvent } from '@tollgate/kafka/cloud-event';
import { contextOf, traceparentOf } from '@tollgate/service-kit/tracing';
import type { UsageBatch } from './fold-batches.ts';

/** Traces of one transaction that are gone on with; a span cannot have more links either. */
const MOST_RECORDS = 128;

const FOLDED = { 'messaging.system': 'kafka', 'messaging.operation.type': 'process' };

/**
 * A fold's spans: one of the transaction, with links to the requests whose records it counts, and one in the trace of
 * each of those requests, below which what follows for its scopes is told.
 */
export class FoldTrace {
  private readonly batch: Span;
  private readonly records: Span[] = [];
  /** Scope → the span of the last record that counts on it. */
  private readonly last = new Map<string, Span>();

  constructor(
    private readonly tracer: Tracer,
    batches: readonly UsageBatch[],
  ) {
    const traced = batches.flatMap(({ events, partition }) => tracedRecords(events, partition));
    const attributes = {
      ...FOLDED,
      'messaging.batch.message_count': batches.reduce((sum, { events }) => sum + events.length, 0),
    };
    const links = traced.slice(0, MOST_RECORDS).map(({ link }) => link);
    this.batch = tracer.startSpan('fold usage', { kind: SpanKind.CONSUMER, root: true, links, attributes });
    for (const record of traced.slice(0, MOST_RECORDS)) this.begin(record);
  }

  private begin({ record, partition, offset, traceparent }: TracedRecord): void {
    const attributes = {
      ...FOLDED,
      'messaging.kafka.offset': Number(offset),
      'messaging.destination.partition.id': String(partition),
      'tollgate.attempt_id': record.id,
      'tollgate.key_id': record.key_id,
    };
    const options = {
      kind: SpanKind.CONSUMER,
      links: [{ context: this.batch.spanContext() }],
      attributes,
    };
    const span = this.tracer.startSpan('fold usage record', options, contextOf({ traceparent }));
    this.records.push(span);
    for (const scope of [record.key_id, record.team_id, ORGANIZATION_ID]) this.last.set(scope, span);
  }

  /** Tells of an event that follows for a scope. @returns its `traceparent`, where a trace leads to it */
  told(scopeId: string, kind: string): string | undefined {
    const parent = this.last.get(scopeId);
    if (!parent) return undefined;
    const attributes = { 'messaging.system': 'kafka', 'tollgate.scope_id': scopeId };
    const options = { kind: SpanKind.PRODUCER, attributes };
    const span = this.tracer.startSpan(`publish ${kind}`, options, trace.setSpan(contextOf({}), parent));
    span.end();
    return traceparentOf(span);
  }

  end(failed: boolean): void {
    for (const span of [...this.records, this.batch]) {
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
  }
}

interface TracedRecord {
  readonly record: UsageRecorded;
  readonly partition: number;
  readonly offset: bigint;
  readonly traceparent: string;
  readonly link: Link;
}

function tracedRecords(events: readonly ReceivedEvent[], partition: number): TracedRecord[] {
  return events.flatMap(({ event, offset, traceparent }) => {
    if (!traceparent || event.type !== 'tollgate.usage.recorded.v1') return [];
    const context = trace.getSpanContext(contextOf({ traceparent }));
    const isSampled = context && (context.traceFlags & TraceFlags.SAMPLED) !== 0;
    if (!isSampled) return [];
    return [{ record: event.data as UsageRecorded, partition, offset, traceparent, link: { context } }];
  });
}
