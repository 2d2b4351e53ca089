import { readFileSync } from 'node:fs';
import { EVENTS } from './events.ts';

const golden = (file: string) =>
  JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), 'utf8')) as unknown;

describe('events as earlier releases wrote them stay readable', () => {
  it('a key from before allow-lists is allowed every model and address', () => {
    const old = EVENTS['tollgate.key.created.v1'].parse(golden('tollgate.key.created.v1.first.json'));
    expect(old.state).toMatchObject({ name: 'Search', allowed_models: null, allowed_ips: null });
  });
});
