import { uniqueTopicPrefix } from './topic-prefix.ts';

describe('a topic prefix', () => {
  it('is never given twice', () => {
    const prefixes = Array.from({ length: 10_000 }, () => uniqueTopicPrefix());
    expect(new Set(prefixes).size).toBe(10_000);
  });

  it('is short enough, and made of what Kafka accepts in a name', () => {
    expect(uniqueTopicPrefix('a'.repeat(32))).toMatch(/^[a-z0-9-]{1,64}$/);
    expect(() => uniqueTopicPrefix('a.b')).toThrow(RangeError);
  });
});
