import {
  chatFigures,
  embeddingFigures,
  messageFigures,
  type ReadFigures,
  responseFigures,
} from './figures.ts';

/** Bodies as the providers' references show them, and the classes that they are billed by. */
const REPORTED: [string, ReadFigures, object, number[]][] = [
  [
    'OpenAI chat with cached prompt and reasoning',
    chatFigures,
    {
      prompt_tokens: 2_006,
      completion_tokens: 300,
      total_tokens: 2_306,
      prompt_tokens_details: { cached_tokens: 1_920, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 256,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    },
    [86, 1_920, 0, 300, 256],
  ],
  [
    'legacy completion',
    chatFigures,
    { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 },
    [5, 0, 0, 7, 0],
  ],
  ['embedding', embeddingFigures, { prompt_tokens: 8, total_tokens: 8 }, [8, 0, 0, 0, 0]],
  [
    'OpenAI response',
    responseFigures,
    {
      input_tokens: 328,
      input_tokens_details: { cached_tokens: 128 },
      output_tokens: 52,
      output_tokens_details: { reasoning_tokens: 20 },
      total_tokens: 380,
    },
    [200, 128, 0, 52, 20],
  ],
  [
    'Anthropic message with cache reads and writes',
    messageFigures,
    {
      input_tokens: 21,
      cache_creation_input_tokens: 188_086,
      cache_read_input_tokens: 40,
      output_tokens: 393,
      service_tier: 'standard',
    },
    [21, 40, 188_086, 393, 0],
  ],
  [
    'Anthropic message without cache',
    messageFigures,
    { input_tokens: 25, output_tokens: 150 },
    [25, 0, 0, 150, 0],
  ],
];

describe('usage as providers report it', () => {
  it.each(REPORTED)('%s: each class counted once', (_, read, usage, expected) => {
    const [input, cached_input, cache_write, output, reasoning] = expected as [
      number,
      number,
      number,
      number,
      number,
    ];
    const total = input + cached_input + cache_write + output;
    expect(read(usage)).toEqual({ input, cached_input, cache_write, output, reasoning, total });
  });

  it('takes zero as a figure, not as missing', () => {
    expect(chatFigures({ prompt_tokens: 0, completion_tokens: 0 })?.total).toBe(0);
    expect(messageFigures({ input_tokens: 0, output_tokens: 0 })?.total).toBe(0);
  });

  it('never takes a part to be more than its whole', () => {
    const usage = { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } };
    expect(chatFigures(usage)).toMatchObject({ input: 0, cached_input: 5, total: 6 });
  });

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a list', []],
    ['negative', -1],
    ['fractional', 1.5],
    ['a text', '1'],
    ['no number', Number.NaN],
    ['absurd', 1e12],
    ['missing', null],
  ])('is not believed when a figure is %s', (_, wrong) => {
    for (const [, read, usage] of REPORTED) {
      for (const name of Object.keys(usage).filter((key) =>
        /^(prompt|completion|input|output)_tokens$/.test(key),
      ))
        expect(read({ ...usage, [name]: wrong })).toBeNull();
    }
    expect(chatFigures(wrong)).toBeNull();
  });
});
