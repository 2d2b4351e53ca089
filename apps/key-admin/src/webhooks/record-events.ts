import { limitEvent } from '@tollgate/contracts/events';
import type { WebhookMessage } from '@tollgate/contracts/webhooks';
import type { Batch } from '@tollgate/kafka/batch-server';
import type { DataSource, EntityManager } from 'typeorm';
import { readScopeNames } from '../scopes/read-scope-names.ts';
import { deliveriesOf, type Telling } from './deliveries-of.ts';
import { insertDeliveries, type NewDelivery } from './sql/insert-deliveries.ts';
import { lockOffset, setOffset } from './sql/offsets.ts';
import { readSubscribers } from './sql/read-subscribers.ts';

/** What is older when it is read is not news. */
const NEWS_MS = 24 * 3_600_000;

const TYPES = {
  'tollgate.limit.warned.v1': 'limit.warned',
  'tollgate.limit.breached.v1': 'limit.breached',
  'tollgate.limit.reset.v1': 'limit.reset',
} as const;
const isTold = (type: string): type is keyof typeof TYPES => Object.hasOwn(TYPES, type);

/**
 * Queues the deliveries that follow from a batch of limit events. One transaction has them and the offset, so a batch
 * that comes again, or to another instance, changes nothing.
 * @returns the states of the deliveries that are new
 */
export const recordEvents = (db: DataSource, batch: Batch, nowMs: number): Promise<NewDelivery['state'][]> =>
  db.transaction(async (em) => {
    const kept = await lockOffset(em, batch.partition);
    // Beyond the topic's end: it was made anew, and its events are news.
    const next = kept > batch.endOffset ? 0n : kept;
    if (batch.nextOffset <= next) return [];
    const tellings = await toTellings(em, batch, next, nowMs);
    const subscribers = tellings.length === 0 ? [] : await readSubscribers(em);
    const states = await insertDeliveries(em, deliveriesOf(tellings, subscribers), nowMs);
    await setOffset(em, batch.partition, batch.nextOffset);
    return states;
  });

async function toTellings(
  em: EntityManager,
  { events }: Batch,
  next: bigint,
  nowMs: number,
): Promise<Telling[]> {
  const told = events.flatMap(({ offset, event }) =>
    offset >= next && isTold(event.type)
      ? [{ event, type: TYPES[event.type], data: limitEvent.parse(event.data) }]
      : [],
  );
  const names = await readScopeNames(
    em,
    told.map(({ data }) => data.scope_id),
  );
  return told.map(({ event, type, data }): Telling => {
    const scope_name = names.get(data.scope_id) ?? null;
    const message: WebhookMessage = { type, timestamp: event.time, data: { ...data, scope_name } };
    return { eventId: event.id, message, expired: nowMs - Date.parse(event.time) > NEWS_MS };
  });
}
