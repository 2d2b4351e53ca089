import { countTokens, promptTokens, textOf, usageOf } from './usage.ts';

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

  it('so that the total is the sum of both sides', () => {
    expect(usageOf(11, 5)).toMatchObject({ prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 });
  });
});
