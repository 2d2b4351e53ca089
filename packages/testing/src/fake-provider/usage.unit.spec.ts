import { tokensOf } from './tokens.ts';
import { countTokens, promptTokens, textOf } from './usage.ts';

describe('the fake provider counts tokens', () => {
  it('as UTF-8 bytes over four, rounded up', () => {
    expect(['', 'a', 'abcd', 'abcde', 'é€', '🦀🦀'].map(countTokens)).toEqual([0, 1, 1, 2, 2, 2]);
  });

  it('with three for the reply and three for each message', () => {
    expect(promptTokens([{ role: 'user', content: '' }])).toBe(6);
    expect(
      promptTokens([
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ]),
    ).toBe(3 + (3 + 3) + (3 + 2));
  });

  it('of text parts alone, as if they were one string', () => {
    const message = {
      role: 'user',
      content: [{ type: 'text', text: 'ab' }, { type: 'image_url' }, { type: 'text', text: 'cd' }],
    };
    expect(textOf(message)).toBe('abcd');
    expect(promptTokens([message, { role: 'assistant', content: null }])).toBe(3 + 4 + 3);
  });

  it('in disjoint classes that add up, none larger than what there is', () => {
    const classes = { cached_tokens: 8, cache_write_tokens: 9, reasoning_tokens: 2 };
    expect(tokensOf(11, 5, classes)).toEqual({
      input: 0,
      cached_input: 8,
      cache_write: 3,
      output: 5,
      reasoning: 2,
      total: 16,
    });
    expect(tokensOf(11, 5)).toMatchObject({
      input: 11,
      cached_input: 0,
      cache_write: 0,
      reasoning: 0,
      total: 16,
    });
  });
});
