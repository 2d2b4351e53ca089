import { z } from 'zod';
import { EVENTS, type EventType } from './events.ts';
import { DEFAULT_TOPIC_PREFIX, TOPIC_NAMES, TOPICS, type Topic, topicName } from './topics.ts';

type Json = Record<string, unknown>;

/** What comes on each topic. */
export const TOPIC_EVENTS: Readonly<Record<Topic, readonly EventType[]>> = {
  keys: [
    'tollgate.key.created.v1',
    'tollgate.key.updated.v1',
    'tollgate.key.enabled.v1',
    'tollgate.key.disabled.v1',
    'tollgate.key.rotated.v1',
    'tollgate.key.reset.v1',
    'tollgate.key.revoked.v1',
    'tollgate.team.created.v1',
    'tollgate.team.updated.v1',
    'tollgate.team.reset.v1',
    'tollgate.team.deleted.v1',
    'tollgate.organization.updated.v1',
    'tollgate.organization.reset.v1',
    'tollgate.heartbeat.v1',
  ],
  usage: ['tollgate.usage.recorded.v1', 'tollgate.access.denied.v1'],
  limits: ['tollgate.limit.metered.v1', 'tollgate.heartbeat.v1'],
  'limit-events': [
    'tollgate.limit.warned.v1',
    'tollgate.limit.breached.v1',
    'tollgate.limit.reset.v1',
    'tollgate.usage.adjusted.v1',
  ],
  gateways: ['tollgate.gateway.reported.v1'],
};

const TOPIC_SAYS: Readonly<Record<Topic, string>> = {
  keys: 'The latest state of each key, team and organization, with what changed. Key: the scope’s id.',
  usage:
    'Every attempt that was forwarded to a provider, once, and refusals added up by the minute. Key: the key’s id.',
  limits: 'The current meter of each scope. Key: the scope’s id.',
  'limit-events':
    'Warnings, breaches and resets, each once, and corrections of usage. Key: the id of the scope, of a correction the key’s.',
  gateways: 'What each gateway instance has applied, every second. Key: the instance.',
};

const EVENT_SAYS: Readonly<Record<EventType, string>> = {
  'tollgate.key.created.v1': 'A key was created.',
  'tollgate.key.updated.v1': 'A key’s name, limits or other fields changed.',
  'tollgate.key.enabled.v1': 'A key may be used again.',
  'tollgate.key.disabled.v1': 'A key may not be used until it is enabled.',
  'tollgate.key.rotated.v1': 'A key has a new secret; the old one works until it expires.',
  'tollgate.key.reset.v1': 'A key’s meter starts again at zero, within its period.',
  'tollgate.key.revoked.v1': 'A key has ended for good.',
  'tollgate.team.created.v1': 'A team was created.',
  'tollgate.team.updated.v1': 'A team’s name or limits changed.',
  'tollgate.team.reset.v1': 'A team’s meter starts again at zero, within its period.',
  'tollgate.team.deleted.v1': 'A team has ended for good.',
  'tollgate.organization.updated.v1': 'The organization’s name, limits or warning thresholds changed.',
  'tollgate.organization.reset.v1': 'The organization’s meter starts again at zero, within its period.',
  'tollgate.usage.recorded.v1': 'One attempt and what it used. Readers recognise a repeated one by its id.',
  'tollgate.access.denied.v1': 'Requests that were refused in a minute, by key, reason and address.',
  'tollgate.usage.adjusted.v1': 'A correction, to be added to what was recorded.',
  'tollgate.limit.metered.v1': 'A scope’s meter; it takes the place of the one before.',
  'tollgate.limit.warned.v1':
    'A scope used a threshold’s share of a limit; once per threshold, period and revision.',
  'tollgate.limit.breached.v1': 'A scope reached a limit; it is refused until `resets_at` or a change.',
  'tollgate.limit.reset.v1': 'A period or generation with use has ended; `used` is what it came to.',
  'tollgate.gateway.reported.v1': 'What a gateway instance has applied.',
  'tollgate.heartbeat.v1': 'The writer is alive; it says nothing else.',
};

const VERSION = /^(.+)\.v(\d+)$/;
/** `tollgate.key.created.v1` → `tollgate.key.created/1`, as `ce_dataschema` ends. */
export const schemaPath = (type: EventType): string => type.replace(VERSION, '$1/$2');

/**
 * The JSON Schema (draft 7) of an event's data. It says what readers may rely on: fields that came later are
 * optional, and fields that it does not know are allowed.
 */
export function eventSchema(type: EventType): Json {
  const schema = z.toJSONSchema(EVENTS[type], { target: 'draft-7', io: 'input' }) as Json;
  return { ...schema, title: type, description: EVENT_SAYS[type] };
}

const HEADERS: Json = {
  type: 'object',
  description: 'CloudEvents 1.0 in Kafka’s binary mode.',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type', 'ce_time', 'ce_subject'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', description: 'Unique; the same fact published again has the same id.' },
    ce_source: { type: 'string', description: '`/key-admin`, `/metering` or `/gateway/<instance>`.' },
    ce_type: { type: 'string' },
    ce_time: { type: 'string', format: 'date-time' },
    ce_subject: { type: 'string', description: 'The id of the scope that it is about.' },
    ce_dataschema: { type: 'string' },
    'content-type': { type: 'string', const: 'application/json' },
    traceparent: {
      type: 'string',
      description: 'W3C trace context, of usage and what follows from it, where traces are sent.',
    },
  },
};

/** The AsyncAPI 3 document of everything that Tollgate publishes. @param examples data of each event type */
export function asyncApi(examples: Readonly<Record<EventType, Json>>): Json {
  const types = Object.keys(EVENTS) as EventType[];
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Tollgate events',
      version: '1.0.0',
      description:
        'Keys, usage and limits as CloudEvents on Kafka. Changes are additive: ignore fields that you do not know. ' +
        `Topic names begin with the deployment’s prefix, "${DEFAULT_TOPIC_PREFIX}" unless it is configured.`,
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(TOPIC_NAMES.map((topic) => [topic, channel(topic)])),
    operations: Object.fromEntries(TOPIC_NAMES.map((topic) => [`read-${topic}`, operation(topic)])),
    components: {
      messages: Object.fromEntries(types.map((type) => [type, message(type, examples[type])])),
      schemas: {
        headers: HEADERS,
        ...Object.fromEntries(types.map((type) => [type, withoutDialect(eventSchema(type))])),
      },
    },
  };
}

function channel(topic: Topic): Json {
  const { partitions, config } = TOPICS[topic];
  const settings: Readonly<Record<string, string>> = config;
  const cleanup = settings['cleanup.policy']!;
  const retention = settings['retention.ms'];
  return {
    address: topicName(DEFAULT_TOPIC_PREFIX, topic),
    description: TOPIC_SAYS[topic],
    messages: Object.fromEntries(
      TOPIC_EVENTS[topic].map((type) => [type, { $ref: `#/components/messages/${type}` }]),
    ),
    bindings: {
      kafka: {
        partitions,
        topicConfiguration: {
          'cleanup.policy': [cleanup],
          ...(retention === undefined ? {} : { 'retention.ms': Number(retention) }),
        },
        bindingVersion: '0.5.0',
      },
    },
  };
}

const operation = (topic: Topic): Json => ({
  action: 'receive',
  channel: { $ref: `#/channels/${topic}` },
  summary: TOPIC_SAYS[topic],
  messages: TOPIC_EVENTS[topic].map((type) => ({ $ref: `#/channels/${topic}/messages/${type}` })),
});

const message = (type: EventType, example: Json): Json => ({
  name: type,
  title: type,
  summary: EVENT_SAYS[type],
  contentType: 'application/json',
  headers: { $ref: '#/components/schemas/headers' },
  payload: { $ref: `#/components/schemas/${type}` },
  bindings: { kafka: { key: { type: 'string' }, bindingVersion: '0.5.0' } },
  examples: [{ name: 'released', payload: example }],
});

const withoutDialect = ({ $schema: _, ...schema }: Json): Json => schema;
