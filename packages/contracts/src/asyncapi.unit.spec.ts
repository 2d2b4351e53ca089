import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { asyncApi, eventSchema, schemaPath, TOPIC_EVENTS } from './asyncapi.ts';
import { EVENTS, type EventType } from './events.ts';

// Both are CommonJS, whose default exports the test runner's ESM sees differently than Node.
const require = createRequire(import.meta.url);
const { Parser } = require('@asyncapi/parser') as typeof import('@asyncapi/parser');
const { Ajv } = require('ajv') as typeof import('ajv');
const addFormats = (require('ajv-formats') as typeof import('ajv-formats')).default;

const types = Object.keys(EVENTS) as EventType[];
const read = (path: string) =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as Record<string, unknown>;
const golden = Object.fromEntries(types.map((type) => [type, read(`golden/${type}.json`)])) as Record<
  EventType,
  Record<string, unknown>
>;
const document = asyncApi(golden);
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

describe('the AsyncAPI document', () => {
  it('is valid to the official parser, its examples too', async () => {
    const { diagnostics } = await new Parser().parse(JSON.stringify(document));
    const worse = diagnostics.filter(({ severity }) => severity <= 1);
    expect(worse.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
  });

  it('would be told of an example that is not what its schema says', async () => {
    const broken = { ...golden, 'tollgate.limit.reset.v1': { scope: 'galaxy' } };
    const { diagnostics } = await new Parser().parse(JSON.stringify(asyncApi(broken)));
    expect(diagnostics.length).toBeGreaterThan(0);
  });

  it('has every event on a topic', () => {
    const published = new Set(Object.values(TOPIC_EVENTS).flat());
    expect(types.filter((type) => !published.has(type))).toEqual([]);
  });
});

describe('the schema of', () => {
  it.each(types)('%s accepts what was released, and a field that it does not know', (type) => {
    const validate = addFormats(new Ajv({ strict: false })).compile(eventSchema(type));
    expect([validate(golden[type]), validate.errors]).toEqual([true, null]);
    expect(validate({ ...golden[type], some_day: 1 })).toBe(true);
  });

  it.each(types.filter((type) => type !== 'tollgate.heartbeat.v1'))('%s refuses nothing at all', (type) => {
    const validate = addFormats(new Ajv({ strict: false })).compile(eventSchema(type));
    expect(validate({})).toBe(false);
  });
});

describe('what is published in docs/events', () => {
  const hint = 'is not what the contracts say: run `npm run contracts` and look at the difference';

  it(`asyncapi.json ${hint}, if this fails`, () => {
    expect(read('../../docs/events/asyncapi.json')).toEqual(plain(document));
  });

  it.each(types)(`the schema of %s ${hint}, if this fails`, (type) => {
    expect(read(`../../docs/events/schemas/${schemaPath(type)}.json`)).toEqual(plain(eventSchema(type)));
  });
});
