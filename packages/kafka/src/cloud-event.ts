import { type CloudEvent, EVENTS, type EventType, isEventType } from '@tollgate/contracts/events';
import { TOPICS, type Topic } from '@tollgate/contracts/topics';
import type { VersionedKey } from '@tollgate/service-kit/config';
import type { KafkaMessage } from 'kafkajs';
import { SIGNATURE_HEADER, verify } from './signature.ts';

/** A record to publish; its partition follows from its key. */
export interface OutgoingRecord {
  readonly topic: Topic;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
}

/** An event that arrived, validated against the schema of its type. */
export interface ReceivedEvent {
  readonly offset: bigint;
  readonly key: string;
  readonly timestampMs: number;
  readonly event: CloudEvent;
  /** The trace that led to it, as W3C's header of that name. */
  readonly traceparent?: string | undefined;
}

/** A record that cannot be read, with the reason; it goes to the dead letters. */
export class UnreadableRecord extends Error {}

/** CloudEvents 1.0, Kafka binding, binary mode: attributes are `ce_*` headers, the value is the data. */
export const toRecord = (
  topic: Topic,
  event: CloudEvent,
  key = event.subject,
  traceparent?: string,
): OutgoingRecord => toRecordOf(topic, event, JSON.stringify(event.data), key, traceparent);

/**
 * The same of data that is written as JSON already.
 * @param traceparent of the trace that leads to it, where there is one
 */
export const toRecordOf = (
  topic: Topic,
  event: Omit<CloudEvent, 'data'>,
  data: string,
  key = event.subject,
  traceparent?: string,
): OutgoingRecord => {
  const headers = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_time: event.time,
    ce_subject: event.subject,
    ce_dataschema: DATA_SCHEMAS[event.type],
  };
  // Spreading costs ten times what the rest does, and few records are traced.
  const all = traceparent === undefined ? headers : { traceparent, ...headers };
  return { topic, key, headers: all, value: Buffer.from(data) };
};

/** `tollgate.key.created.v1` → `/schemas/tollgate.key.created/1` */
const DATA_SCHEMAS = Object.fromEntries(
  Object.keys(EVENTS).map((type) => [type, `/schemas/${type.replace(/\.v(\d+)$/, '/$1')}`]),
) as Record<EventType, string>;

/** A record's header as text; of one that is repeated, the first. */
function headerOf({ headers }: KafkaMessage, name: string): string | undefined {
  const value = headers?.[name];
  return (Array.isArray(value) ? value[0] : value)?.toString();
}

function header(message: KafkaMessage, name: string): string {
  const text = headerOf(message, name);
  if (text === undefined) throw new UnreadableRecord(`header ${name} is missing`);
  return text;
}

export interface Origin {
  readonly topic: Topic;
  /** The topic's name on the broker. */
  readonly topicOnBroker: string;
  readonly eventKeys: readonly VersionedKey[];
}

/** @throws UnreadableRecord saying what is wrong with the record */
export function readEvent(message: KafkaMessage, origin: Origin): ReceivedEvent {
  if (!message.key) throw new UnreadableRecord('the record has no key');
  if (!message.value) throw new UnreadableRecord('the record has no value');
  const key = message.key.toString();
  if (TOPICS[origin.topic].signed) checkSignature(message, key, message.value, origin);
  const type = header(message, 'ce_type');
  if (!isEventType(type)) throw new UnreadableRecord(`unknown event type ${type.slice(0, 100)}`);
  const result = EVENTS[type].safeParse(parseJson(message.value));
  if (!result.success) {
    const { path, message: problem } = result.error.issues[0]!;
    throw new UnreadableRecord(`${path.join('.') || 'data'}: ${problem}`);
  }
  return {
    offset: BigInt(message.offset),
    key,
    timestampMs: Number(message.timestamp),
    traceparent: headerOf(message, 'traceparent'),
    event: {
      id: header(message, 'ce_id'),
      source: header(message, 'ce_source'),
      type,
      time: header(message, 'ce_time'),
      subject: header(message, 'ce_subject'),
      data: result.data,
    },
  };
}

function parseJson(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString());
  } catch (error) {
    throw new UnreadableRecord(`the value is not JSON: ${(error as Error).message}`);
  }
}

function checkSignature(message: KafkaMessage, key: string, value: Buffer, origin: Origin): void {
  const headers: Record<string, string> = {};
  for (const name in message.headers) headers[name] = headerOf(message, name) ?? '';
  const signature = headers[SIGNATURE_HEADER] ?? '';
  if (!verify({ topic: origin.topicOnBroker, key, headers, value }, signature, origin.eventKeys)) {
    throw new UnreadableRecord('the signature is missing or wrong');
  }
}
