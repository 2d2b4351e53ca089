import { readOpenAiUsage, usageOfBody } from './openai-counts.ts';

describe('usage as OpenAI reports it', () => {
  it('is split into classes that do not overlap', () => {
    const usage = {
      prompt_tokens: 2_006,
      completion_tokens: 300,
      total_tokens: 2_306,
      prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 256, audio_tokens: 0 },
    };
    expect(readOpenAiUsage(usage)).toEqual({
      input: 86,
      cached_input: 1_920,
      cache_write: 0,
      output: 300,
      reasoning: 256,
      total: 2_306,
    });
  });

  it('takes zero as a figure, not as missing', () => {
    expect(readOpenAiUsage({ prompt_tokens: 0, completion_tokens: 0 })?.total).toBe(0);
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['negative', { prompt_tokens: -1, completion_tokens: 2 }],
    ['fractional', { prompt_tokens: 1.5, completion_tokens: 2 }],
    ['a text', { prompt_tokens: '1', completion_tokens: 2 }],
    ['absurd', { prompt_tokens: 1e12, completion_tokens: 2 }],
    ['without output', { prompt_tokens: 1 }],
  ])('is not believed when it is %s', (_, usage) => {
    expect(readOpenAiUsage(usage)).toBeNull();
  });

  it('is missing from a body that is no JSON', () => {
    expect(usageOfBody(Buffer.from('<html>'))).toBeNull();
  });
});
