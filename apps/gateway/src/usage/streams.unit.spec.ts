import fc from 'fast-check';
import type { UsageFormat } from '../call/endpoints.ts';
import type { StreamUsage } from './dialect.ts';
import { dialectOf } from './dialects.ts';
import { sse } from './sse.ts';

const DONE = 'data: [DONE]\n\n';
const delta = (content: string, rest: object = { usage: null }) =>
  sse({
    id: 'c1',
    object: 'chat.completion.chunk',
    created: 5,
    model: 'm',
    choices: [{ index: 0, delta: { content } }],
    ...rest,
  });
const chatUsage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const usageChunk = sse({ id: 'c1', object: 'chat.completion.chunk', choices: [], usage: chatUsage });
const finish = sse({ id: 'c1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: null });
const role = sse({ id: 'c1', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] });
const chat = [role, delta('Hé'), delta('a "usage":{ b'), ': keep-alive\n\n', finish];

const text = (part: string) =>
  sse({ id: 'x', object: 'text_completion', choices: [{ index: 0, text: part }] });
const message = [
  sse(
    {
      type: 'message_start',
      message: { id: 'm1', usage: { input_tokens: 25, cache_read_input_tokens: 4, output_tokens: 1 } },
    },
    'message_start',
  ),
  sse(
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    'content_block_start',
  ),
  sse({ type: 'ping' }, 'ping'),
  sse(
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hé' } },
    'content_block_delta',
  ),
  sse(
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'y' } },
    'content_block_delta',
  ),
  sse({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
  sse(
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 15 } },
    'message_delta',
  ),
  sse({ type: 'message_stop' }, 'message_stop'),
];
const response = [
  sse(
    { type: 'response.created', response: { id: 'r1', status: 'in_progress', usage: null } },
    'response.created',
  ),
  sse({ type: 'response.output_text.delta', delta: 'Hé' }, 'response.output_text.delta'),
  sse({ type: 'response.output_text.delta', delta: 'y' }, 'response.output_text.delta'),
  sse(
    { type: 'response.completed', response: { id: 'r1', usage: { input_tokens: 9, output_tokens: 3 } } },
    'response.completed',
  ),
];
const STREAMS: [string, UsageFormat, string, string, object][] = [
  [
    'chat',
    'chat',
    [...chat, usageChunk, DONE].join(''),
    [...chat, DONE].join(''),
    { input: 9, output: 3, total: 12 },
  ],
  [
    'legacy completion',
    'completion',
    text('a') + text('b') + text('') + usageChunk + DONE,
    text('a') + text('b') + text('') + DONE,
    { input: 9, output: 3, total: 12 },
  ],
  [
    'Anthropic message',
    'message',
    message.join(''),
    message.join(''),
    { input: 25, cached_input: 4, output: 15, total: 44 },
  ],
  ['OpenAI response', 'response', response.join(''), response.join(''), { input: 9, output: 3, total: 12 }],
];

function pass(stream: StreamUsage, bytes: Buffer, cuts: number[] = []): string {
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    out.push(Buffer.from(stream.push(bytes.subarray(from, cut))));
    from = cut;
  }
  out.push(stream.end());
  return Buffer.concat(out).toString();
}
const read = (format: UsageFormat, text_: string, passUsageOn = false) => {
  const stream = dialectOf(format).stream(passUsageOn);
  return { out: pass(stream, Buffer.from(text_)), stream };
};

describe.each(STREAMS)('the stream of a %s', (_, format, text_, without, counted) => {
  it('gives the same bytes and usage however the network cuts it', () => {
    for (const ends of [(s: string) => s, (s: string) => s.replaceAll('\n', '\r\n')]) {
      const bytes = Buffer.from(ends(text_));
      const cuts = fc
        .uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }))
        .map((at) => at.sort((a, b) => a - b));
      fc.assert(
        fc.property(cuts, fc.boolean(), (at, wanted) => {
          const stream = dialectOf(format).stream(wanted);
          expect(pass(stream, bytes, at)).toBe(ends(wanted ? text_ : without));
          expect(stream.usage).toMatchObject(counted);
          expect(stream).toMatchObject({ outputEvents: 2, finished: true, failed: false });
        }),
        { numRuns: 50 },
      );
    }
  });

  it('that breaks off within an event hands on what there is, knows no final usage and is not finished', () => {
    const broken = text_.slice(0, text_.indexOf('Hé') + 1);
    const { out, stream } = read(format, broken);
    expect(out).toBe(broken);
    expect(stream).toMatchObject({ usage: null, finished: false });
  });

  it('ends at its limit as a model ends whose cap is reached', () => {
    const { stream } = read(format, text_.slice(0, text_.indexOf('\n\n', text_.indexOf('Hé')) + 2), true);
    const ending = stream.endAtLimit(2).toString();
    const again = read(format, ending, true);
    expect(again.stream).toMatchObject({ finished: true, failed: false, outputEvents: 0 });
    expect(ending).toMatch(/"length"|"max_tokens"|"max_output_tokens"/);
    expect(ending).toContain('tokens":2');
  });
});

describe('usage of a chat stream', () => {
  it('that comes with content is counted and stays with it, as some providers send it', () => {
    const both = delta('Hi', { usage: chatUsage }) + DONE;
    const { out, stream } = read('chat', both);
    expect(out).toBe(both);
    expect(stream.usage?.total).toBe(12);
    expect(stream.outputEvents).toBe(1);
  });

  it('that comes twice is the last, not the sum', () => {
    const more = sse({ choices: [], usage: { ...chatUsage, completion_tokens: 4 } });
    expect(read('chat', delta('Hi') + usageChunk + more + DONE).stream.usage?.total).toBe(13);
  });

  it.each([-1, 1e300, '7', null])(
    'of %p tokens is not believed, and still kept from a client that did not ask',
    (n) => {
      const wrong = sse({ choices: [], usage: { prompt_tokens: n, completion_tokens: 1 } });
      const { out, stream } = read('chat', delta('Hi') + wrong + DONE);
      expect(out).toBe(delta('Hi') + DONE);
      expect(stream.usage).toBeNull();
    },
  );

  it('is not lost to an event of 5 MiB, which is passed on unread', () => {
    const bytes = Buffer.from(delta('x'.repeat(5 * 1_048_576)) + usageChunk + DONE);
    const cuts = Array.from({ length: bytes.length >> 16 }, (_, index) => (index + 1) << 16);
    const stream = dialectOf('chat').stream(true);
    expect(pass(stream, bytes, cuts).length).toBe(bytes.length);
    expect(stream.usage?.total).toBe(12);
  });
});

it.each<[UsageFormat, string]>([
  ['chat', sse({ error: { message: 'overloaded' } })],
  ['message', sse({ type: 'error', error: { type: 'overloaded_error' } }, 'error')],
  ['response', sse({ type: 'error', code: 'server_error' }, 'error')],
  ['response', sse({ type: 'response.failed', response: {} }, 'response.failed')],
])('an error within a stream of a %s is a failure', (format, event) => {
  expect(read(format, event).stream.failed).toBe(true);
});

it('a message that is cut off tells what it had said so far', () => {
  const cut = message.slice(0, 5).join('');
  expect(read('message', cut).stream.soFar).toMatchObject({ input: 25, cached_input: 4, output: 2 });
});
