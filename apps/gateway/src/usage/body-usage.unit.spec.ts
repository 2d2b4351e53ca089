import { readFileSync } from 'node:fs';
import { DIALECTS, type WireFormat } from './dialects.ts';

interface Fixture {
  name: string;
  format: WireFormat;
  body: { usage: unknown };
  tokens: Record<string, number>;
}
const fixtures: Fixture[] = JSON.parse(
  readFileSync(new URL('./fixtures/bodies.json', import.meta.url), 'utf8'),
);
const read = (format: WireFormat, text: string) => DIALECTS[format].ofBody(Buffer.from(text));
const CLASSES = ['input', 'cached_input', 'cache_write', 'output'] as const;

describe('usage in the body of an answer', () => {
  it.each(fixtures)('of $name is counted once in each class', ({ format, body, tokens }) => {
    expect(read(format, JSON.stringify(body))).toEqual(tokens);
    expect(CLASSES.reduce((sum, each) => sum + tokens[each]!, 0)).toBe(tokens['total']);
  });

  it.each(fixtures)(
    'of $name is found wherever it stands, however the JSON is written',
    ({ format, body, tokens }) => {
      const { usage, ...rest } = body;
      expect(read(format, JSON.stringify({ usage, ...rest }, null, 2))).toEqual(tokens);
      expect(read(format, JSON.stringify({ ...rest, usage }))).toEqual(tokens);
    },
  );

  it.each(['chat', 'completions', 'responses', 'messages'] as const)(
    'takes zero for a figure in %s',
    (format) => {
      const zero = { prompt_tokens: 0, completion_tokens: 0, input_tokens: 0, output_tokens: 0 };
      expect(read(format, JSON.stringify({ usage: zero }))).toMatchObject({ total: 0 });
    },
  );

  it('is read from a large body of vectors without the vectors', () => {
    const data = Array.from({ length: 100 }, (_, index) => ({
      index,
      embedding: Array(1_536).fill(0.0123456789),
    }));
    const body = JSON.stringify({ object: 'list', data, usage: { prompt_tokens: 7, total_tokens: 7 } });
    expect(read('embeddings', body)?.input).toBe(7);
    expect(read('embeddings', `{${'['.repeat(9)},${body.slice(1)}`)?.input).toBe(7);
  });

  it('is that of the answer, not one further in that comes after it', () => {
    const own = { prompt_tokens: 3, completion_tokens: 4 };
    const body = { usage: own, trace: [{ usage: { prompt_tokens: 1, completion_tokens: 1 } }] };
    expect(read('chat', JSON.stringify(body))?.total).toBe(7);
  });

  it.each([
    [
      'in a text',
      { choices: [{ message: { content: '"usage":{"prompt_tokens":1,"completion_tokens":1}' } }] },
    ],
    ['further in', { choices: [], extra: { usage: { prompt_tokens: 1, completion_tokens: 1 } } }],
    ['in a list', [{ usage: { prompt_tokens: 1, completion_tokens: 1 } }]],
  ])('is not taken from %s', (_, body) => {
    expect(read('chat', JSON.stringify(body))).toBeNull();
  });

  it.each([
    ['cut off', '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1'],
    ['no JSON', '<html>"usage"</html>'],
    ['empty', ''],
    ['a number', '7'],
    ['null', 'null'],
  ])('is unknown where the body is %s', (_, body) => {
    expect(read('chat', body)).toBeNull();
  });
});

const bad = [
  ['null', null],
  ['negative', -1],
  ['a fraction', 1.5],
  ['huge', 1e12],
  ['just above what is believed', 1_000_000_001],
  ['NaN as a text', 'NaN'],
  ['a text', '12'],
  ['true', true],
  ['a list', [1]],
] as const;
const figures = {
  chat: ['prompt_tokens', 'completion_tokens'],
  completions: ['prompt_tokens', 'completion_tokens'],
  embeddings: ['prompt_tokens'],
  responses: ['input_tokens', 'output_tokens'],
  messages: ['input_tokens', 'output_tokens'],
} as const;
const cases = Object.entries(figures).flatMap(([format, names]) =>
  names.flatMap((name) => bad.map(([what, value]) => [format as WireFormat, name, what, value] as const)),
);

describe('usage that makes no sense', () => {
  it.each(cases)('of %s is not believed where %s is %s', (format, name, _, value) => {
    const good = Object.fromEntries(figures[format].map((each) => [each, 1]));
    expect(read(format, JSON.stringify({ usage: good }))).not.toBeNull();
    expect(read(format, JSON.stringify({ usage: { ...good, [name]: value } }))).toBeNull();
  });

  it.each(Object.entries(figures))('of %s is not believed where a figure is absent', (format, names) => {
    for (const name of names) {
      const rest = Object.fromEntries(names.filter((each) => each !== name).map((each) => [each, 1]));
      expect(read(format as WireFormat, JSON.stringify({ usage: rest }))).toBeNull();
    }
  });

  it.each(['cache_read_input_tokens', 'cache_creation_input_tokens'])(
    'is not believed for %s of Anthropic either, which is no part of another figure',
    (name) => {
      const usage = { input_tokens: 1, output_tokens: 1, [name]: -5 };
      expect(read('messages', JSON.stringify({ usage }))).toBeNull();
    },
  );

  it.each([-1, 11, 0.5, '3', null])(
    'in a part leaves its tokens in the dearer class around it (%p of 10)',
    (part) => {
      const usage = {
        prompt_tokens: 10,
        completion_tokens: 10,
        prompt_tokens_details: { cached_tokens: part, cache_write_tokens: part, audio_tokens: part },
        completion_tokens_details: { audio_tokens: part },
      };
      const tokens = { input: 10, cached_input: 0, cache_write: 0, output: 10, reasoning: 0, total: 20 };
      expect(read('chat', JSON.stringify({ usage }))).toEqual(tokens);
    },
  );

  it('adds reasoning that cannot be within the output to it', () => {
    const usage = {
      prompt_tokens: 1,
      completion_tokens: 2,
      completion_tokens_details: { reasoning_tokens: 30 },
    };
    expect(read('chat', JSON.stringify({ usage }))).toMatchObject({ output: 32, reasoning: 30, total: 33 });
  });

  it('ignores a total that is smaller than its parts, or absurd', () => {
    for (const total_tokens of [0, 1, -4, 1e15, 'many']) {
      const usage = { prompt_tokens: 5, completion_tokens: 6, total_tokens };
      expect(read('chat', JSON.stringify({ usage }))?.total).toBe(11);
    }
  });
});
