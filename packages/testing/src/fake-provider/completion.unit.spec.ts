import { complete } from './completion.ts';

const hello = [{ role: 'user', content: 'Hello' }];
const text = (options: Parameters<typeof complete>[1], messages = hello) => [
  ...complete(messages, options).tokens(),
];

describe('a fake completion', () => {
  it('is the same for the same prompt and another for another one', () => {
    expect(text({})).toEqual(text({}));
    expect(text({})).not.toEqual(text({}, [{ role: 'user', content: 'Hello!' }]));
    expect(text({ choice: 1 })).not.toEqual(text({ choice: 0 }));
  });

  it('has as many words as tokens', () => {
    for (let i = 0; i < 200; i++) {
      const completion = complete([{ role: 'user', content: `prompt ${i}` }], {});
      const tokens = [...completion.tokens()];
      expect(tokens).toHaveLength(completion.length);
      expect(tokens.join('').split(' ')).toHaveLength(completion.length);
      expect(completion.length).toBeGreaterThanOrEqual(12);
      expect(completion.length).toBeLessThanOrEqual(43);
    }
  });

  it('is cut by a cap below its length, and only then says so', () => {
    const { length } = complete(hello, {});
    expect(complete(hello, { cap: 5 })).toMatchObject({ length: 5, finishReason: 'length' });
    expect(text({ cap: 5 })).toEqual(text({}).slice(0, 5));
    expect(complete(hello, { cap: length })).toMatchObject({ length, finishReason: 'stop' });
  });

  it('has the length it is told to have, unless a cap is lower', () => {
    expect(complete(hello, { length: 50 })).toMatchObject({ length: 50, finishReason: 'stop' });
    expect(complete(hello, { length: 50, cap: 20 })).toMatchObject({ length: 20, finishReason: 'length' });
    expect(text({ length: 0 })).toEqual([]);
  });

  it('does not show its first tokens where they are reasoning, and counts them', () => {
    expect(complete(hello, { length: 5, reasoning: 2 })).toMatchObject({ length: 5, reasoning: 2 });
    expect(text({ length: 5, reasoning: 2 })).toHaveLength(3);
    expect(text({ length: 5, reasoning: 9 })).toEqual([]);
  });

  it('is not built before it is read, so that a billion tokens can be asked for', () => {
    const words = complete(hello, { length: 1_000_000_000 }).tokens();
    expect(words.next().value).toBe('This');
  });
});
