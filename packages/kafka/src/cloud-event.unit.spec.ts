import { createRequire } from 'node:module';
import { toRecord } from './cloud-event.ts';

// CommonJS, whose exports the test runner's ESM sees differently than Node.
const { Kafka } = createRequire(import.meta.url)('cloudevents') as typeof import('cloudevents');

describe('a record', () => {
  const event = {
    id: 'key_a/1',
    source: '/key-admin',
    type: 'tollgate.heartbeat.v1',
    time: '2026-11-23T12:00:00.000Z',
    subject: 'key_a',
    data: { said: 'é' },
  } as const;
  const record = toRecord('keys', event);
  const message = { key: record.key, value: record.value.toString(), headers: { ...record.headers } };

  it('is an event to the CloudEvents SDK, in Kafka’s binary mode', () => {
    expect(Kafka.isEvent(message as never)).toBe(true);
    const received = Kafka.toEvent(message as never);
    expect(received).toMatchObject({ ...event, specversion: '1.0', datacontenttype: 'application/json' });
    expect(received).toMatchObject({ dataschema: '/schemas/tollgate.heartbeat/1' });
  });

  it('would be none without its id', () => {
    const { ce_id: _, ...headers } = message.headers as Record<string, string>;
    expect(Kafka.isEvent({ ...message, headers } as never)).toBe(false);
  });
});
