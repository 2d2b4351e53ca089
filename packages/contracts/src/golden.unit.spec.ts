import { readdirSync, readFileSync } from 'node:fs';
import { EVENTS, isEventType } from './events.ts';

const FOLDER = new URL('../golden/', import.meta.url);
const golden = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as unknown;
const files = readdirSync(FOLDER);
/** `tollgate.key.created.v1.json`, and what an earlier release wrote: `tollgate.key.created.v1.first.json`. */
const typeOf = (file: string) => /^(.+\.v\d+)(?:\.\w+)?\.json$/.exec(file)![1]!;

describe('events as earlier releases wrote them stay readable', () => {
  it('each type has one', () => {
    expect(Object.keys(EVENTS).filter((type) => !files.includes(`${type}.json`))).toEqual([]);
    expect(files.map(typeOf).filter((type) => !isEventType(type))).toEqual([]);
  });

  it.each(files)('%s, to the last field', (file) => {
    const data = golden(file);
    const type = typeOf(file);
    if (!isEventType(type)) throw new Error(`${type} is no event`);
    expect(EVENTS[type].parse(data)).toMatchObject(data as object);
  });

  it('with fields that a later release added', () => {
    const record = golden('tollgate.usage.recorded.v1.json') as object;
    expect(EVENTS['tollgate.usage.recorded.v1'].safeParse({ ...record, carbon_grams: 1 }).success).toBe(true);
  });

  it('a key from before allow-lists is allowed every model and address', () => {
    const old = EVENTS['tollgate.key.created.v1'].parse(golden('tollgate.key.created.v1.first.json'));
    expect(old.state).toMatchObject({ name: 'Search', allowed_models: null, allowed_ips: null });
  });
});
