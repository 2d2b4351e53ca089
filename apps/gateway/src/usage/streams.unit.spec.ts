import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { StreamUsage } from './dialect.ts';
import { DIALECTS, type WireFormat } from './dialects.ts';
import { MAX_EVENT_BYTES } from './event-splitter.ts';

interface Fixture {
  name: string;
  format: WireFormat;
  events: string[];
  /** Events that a client that did not ask for usage does not get. */
  keptBack: number[];
  tokens: Record<string, number>;
  outputEvents: number;
  outputBytes: number;
}
const fixtures: Fixture[] = JSON.parse(
  readFileSync(new URL('./fixtures/streams.json', import.meta.url), 'utf8'),
);
const textOf = (events: readonly string[]) => events.map((event) => `${event}\n\n`).join('');
const chat = (fields: object) => `data: ${JSON.stringify({ id: 'c', created: 1, model: 'm', ...fields })}`;
const said = (content: string, more: object = {}) =>
  chat({ choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more });
const usage = (prompt_tokens: unknown, completion_tokens: unknown) => ({ prompt_tokens, completion_tokens });
const onlyUsage = chat({ choices: [], usage: usage(9, 3) });
const DONE = 'data: [DONE]';

function pass(stream: StreamUsage, bytes: Buffer | string, cuts: readonly number[] = []): string {
  const all = Buffer.from(bytes);
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, all.length]) {
    // A copy, so that nothing may rely on what is beside it in memory.
    out.push(Buffer.from(stream.push(Buffer.from(all.subarray(from, cut)))));
    from = cut;
  }
  out.push(stream.end());
  return Buffer.concat(out).toString();
}
const everyByte = (bytes: Buffer) => Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
const cutsOf = (bytes: Buffer) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 })
    .map((cuts) => cuts.sort((a, b) => a - b));
const seen = ({ usage, finished, failed, outputEvents, outputBytes }: StreamUsage) => {
  return { usage, finished, failed, outputEvents, outputBytes };
};

describe('a stream', () => {
  describe.each(fixtures)('of $name', ({ format, events, keptBack, tokens, outputEvents, outputBytes }) => {
    const expected = { usage: tokens, finished: true, failed: false, outputEvents, outputBytes };
    const unasked = events.filter((_, index) => !keptBack.includes(index));

    it('passes byte for byte where the client asked for usage, which is learned on the way', () => {
      const stream = DIALECTS[format].stream(true);
      expect(pass(stream, textOf(events))).toBe(textOf(events));
      expect(seen(stream)).toEqual(expected);
    });

    it('lacks nothing but the chunk that carries only usage where the client did not ask', () => {
      const stream = DIALECTS[format].stream(false);
      expect(pass(stream, textOf(events))).toBe(textOf(unasked));
      expect(seen(stream)).toEqual(expected);
    });

    it.each([
      ['LF', (text: string) => text],
      ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
      ['data over many lines', (text: string) => text.replaceAll(',"', ',\ndata: "')],
      [
        'comments and retries',
        (text: string) => `retry: 3000\n: hello\n\n${text.replaceAll('data: ', ': keep-alive\ndata: ')}`,
      ],
      ['event ids', (text: string) => text.replaceAll('data: {', 'id: 7\ndata: {')],
      ['no space after the colon', (text: string) => text.replaceAll('data: ', 'data:')],
      ['spaces in the JSON', (text: string) => text.replaceAll('":', '": ')],
    ])('is the same however the network cuts it, with %s', (_, written) => {
      const bytes = Buffer.from(written(textOf(events)));
      for (const asked of [true, false]) {
        const whole = DIALECTS[format].stream(asked);
        const text = pass(whole, bytes);
        if (asked) expect(text).toBe(bytes.toString());
        else expect(text).toBe(written(textOf(unasked)));
        expect(whole.usage).toEqual(tokens);
        expect(whole.finished).toBe(true);
        const single = DIALECTS[format].stream(asked);
        expect(pass(single, bytes, everyByte(bytes))).toBe(text);
        expect(seen(single)).toEqual(seen(whole));
        fc.assert(
          fc.property(cutsOf(bytes), (cuts) => {
            const stream = DIALECTS[format].stream(asked);
            expect(pass(stream, bytes, cuts)).toBe(text);
            expect(seen(stream)).toEqual(seen(whole));
          }),
          { numRuns: 25 },
        );
      }
    });

    it('that breaks off anywhere is handed on to there, and is not taken for finished', () => {
      const bytes = Buffer.from(textOf(events));
      const last = Buffer.byteLength(textOf(events.slice(0, -1)));
      for (let length = 0; length <= last; length += 1) {
        const stream = DIALECTS[format].stream(true);
        expect(pass(stream, bytes.subarray(0, length))).toBe(bytes.subarray(0, length).toString());
        expect(stream.finished).toBe(false);
      }
    });
  });

  it('hands on an event when its end comes, not when the next one does', () => {
    const stream = DIALECTS.chat.stream(false);
    expect(stream.push(Buffer.from(said('a'))).length).toBe(0);
    expect(stream.push(Buffer.from('\n\n')).toString()).toBe(`${said('a')}\n\n`);
  });

  it('hands chunks of whole events on without copying them', () => {
    const chunk = Buffer.from(textOf([said('a'), said('b')]));
    const stream = DIALECTS.chat.stream(false);
    stream.push(Buffer.from(textOf([said('')])));
    expect(stream.push(chunk)).toBe(chunk);
  });

  it('takes the last event’s end for given where the provider leaves it out', () => {
    const stream = DIALECTS.chat.stream(false);
    expect(pass(stream, `${textOf([said('a'), onlyUsage])}${DONE}`)).toBe(`${textOf([said('a')])}${DONE}`);
    expect(stream).toMatchObject({ finished: true, usage: { total: 12 } });
  });
});

describe('usage in a stream', () => {
  it.each([
    ['absent', {}],
    ['null', { usage: null }],
    ['empty', { usage: {} }],
    ['negative', { usage: usage(-1, 3) }],
    ['huge', { usage: usage(9, 1e15) }],
    ['NaN as a text', { usage: usage('NaN', 3) }],
    ['a fraction', { usage: usage(9, 3.5) }],
    ['a text', { usage: 'none' }],
  ])('is unknown where it is %s', (_, more) => {
    const stream = DIALECTS.chat.stream(true);
    pass(stream, textOf([said('a'), chat({ choices: [], ...more }), DONE]));
    expect(seen(stream)).toMatchObject({ usage: null, finished: true, outputEvents: 1 });
  });

  it('keeps what made sense when what follows does not', () => {
    const stream = DIALECTS.chat.stream(true);
    pass(stream, textOf([said('a', { usage: usage(9, 3) }), said('b', { usage: usage(9, -3) }), DONE]));
    expect(stream.usage).toMatchObject({ input: 9, output: 3 });
  });

  it('that comes twice is the last, never the sum', () => {
    const stream = DIALECTS.chat.stream(false);
    const later = chat({ choices: [], usage: usage(9, 5) });
    expect(pass(stream, textOf([said('a'), onlyUsage, later, DONE]))).toBe(textOf([said('a'), DONE]));
    expect(stream.usage).toMatchObject({ input: 9, output: 5, total: 14 });
  });

  it('is kept from a client that did not ask even where it makes no sense', () => {
    const senseless = chat({ choices: [], usage: usage(-9, 5) });
    expect(pass(DIALECTS.chat.stream(false), textOf([said('a'), senseless, DONE]))).toBe(
      textOf([said('a'), DONE]),
    );
  });

  it('leaves chunks without choices alone that carry none, such as a filter’s', () => {
    const filter = chat({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
    expect(pass(DIALECTS.chat.stream(false), textOf([filter, said('a'), DONE]))).toBe(
      textOf([filter, said('a'), DONE]),
    );
  });

  it('is not taken from texts that look like it', () => {
    const stream = DIALECTS.chat.stream(false);
    const text = textOf([
      said('"usage":{"prompt_tokens":1,"completion_tokens":1}'),
      said('[DONE]'),
      said('\n\ndata: [DONE]\n\n"error":{'),
      chat({ choices: [{ index: 0, delta: { content: 'x' }, usage: usage(1, 1) }] }),
    ]);
    expect(pass(stream, text)).toBe(text);
    expect(seen(stream)).toMatchObject({ usage: null, finished: false, failed: false, outputEvents: 4 });
  });

  it('of Anthropic stays what it was where a later figure makes no sense', () => {
    const { events } = fixtures.find(({ name }) => name === 'Anthropic messages')!;
    const bad =
      'event: message_delta\ndata: {"type":"message_delta","delta":{},"usage":{"output_tokens":-4}}';
    const stream = DIALECTS.messages.stream(false);
    pass(stream, textOf([...events.slice(0, -1), bad, ...events.slice(-1)]));
    expect(stream.usage).toMatchObject({ input: 4, output: 15 });
  });

  it('of Anthropic stays what it was where a later event has null for a figure', () => {
    const { events } = fixtures.find(({ name }) => name === 'Anthropic messages')!;
    const usage = { input_tokens: null, cache_read_input_tokens: null, output_tokens: 20 };
    const later = `data: ${JSON.stringify({ type: 'message_delta', delta: {}, usage })}`;
    const stream = DIALECTS.messages.stream(false);
    pass(stream, textOf([...events.slice(0, -1), later]));
    expect(stream.usage).toMatchObject({ input: 4, cached_input: 2_000, output: 20 });
  });

  it('is read in the largest event that is read, and not in one larger by a byte, however it comes', () => {
    const sized = (image: string) => Buffer.from(textOf([chat({ image, choices: [], usage: usage(9, 3) })]));
    for (const more of [0, 1]) {
      const bytes = sized('x'.repeat(MAX_EVENT_BYTES - sized('').length + more));
      expect(bytes).toHaveLength(MAX_EVENT_BYTES + more);
      for (const cuts of [[], [1], [bytes.length - 1], [bytes.length - 2], [65_536, bytes.length - 40]]) {
        const stream = DIALECTS.chat.stream(false);
        expect(pass(stream, bytes, cuts)).toHaveLength(more === 0 ? 0 : bytes.length);
        expect(stream.usage?.total).toBe(more === 0 ? 12 : undefined);
      }
    }
  });

  it('is not looked for in an event of 5 MiB, which passes, and is read again after it', () => {
    const image = 'iVBORw0KGgo'.repeat(500_000);
    const huge = chat({ choices: [{ index: 0, delta: { image } }], usage: usage(1, 1) });
    const text = textOf([said('a'), huge, said('b'), onlyUsage, DONE]);
    const bytes = Buffer.from(text);
    expect(Buffer.byteLength(huge)).toBeGreaterThan(5 * 1_048_576);
    for (const size of [bytes.length, 65_536, 1_000_003]) {
      const stream = DIALECTS.chat.stream(false);
      const cuts = [];
      for (let at = size; at < bytes.length; at += size) cuts.push(at);
      expect(pass(stream, bytes, cuts) === textOf([said('a'), huge, said('b'), DONE])).toBe(true);
      expect(seen(stream)).toMatchObject({ usage: { total: 12 }, finished: true, outputEvents: 2 });
    }
  });

  it('passes an event that is too large in pieces of a few bytes', () => {
    const stream = DIALECTS.chat.stream(false);
    const piece = Buffer.alloc(16, 'x');
    let passed = 0;
    for (let sent = 0; sent < 5 * 1_048_576; sent += piece.length) passed += stream.push(piece).length;
    expect(passed).toBe(5 * 1_048_576);
  });

  it('costs no memory beyond one event, however long an event never ends', () => {
    const stream = DIALECTS.chat.stream(false);
    const chunk = Buffer.alloc(65_536, 'x');
    let passed = 0;
    for (let sent = 0; sent < 64 * 1_048_576; sent += chunk.length) passed += stream.push(chunk).length;
    expect(64 * 1_048_576 - passed).toBeLessThanOrEqual(MAX_EVENT_BYTES);
    expect(passed).toBe(64 * 1_048_576);
  });
});

describe('an error within a stream', () => {
  it.each([
    ['chat', 'data: {"error":{"message":"overloaded","type":"server_error"}}'],
    ['chat', 'data: {"error":"overloaded"}'],
    ['chat', chat({ choices: [{ index: 0, delta: {}, finish_reason: 'error' }], error: { code: 502 } })],
    ['completions', 'data: {"error": {"message": "overloaded"}}'],
    ['responses', 'event: error\ndata: {"type":"error","sequence_number":2,"error":{"code":"server_error"}}'],
    ['responses', 'event: error\ndata: {"error":{"code":"server_error"}}'],
    [
      'responses',
      'event: response.failed\ndata: {"type":"response.failed","response":{"error":{"code":"x"}}}',
    ],
    [
      'messages',
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    ],
    ['messages', 'event: error\ndata: {"type": "error", "error": {"type": "api_error"}}'],
  ] as const)('of %s is noticed and passed on: %s', (format, event) => {
    const { events } = fixtures.find((each) => each.format === format)!;
    const stream = DIALECTS[format].stream(true);
    expect(pass(stream, textOf([...events.slice(0, 2), event]))).toBe(textOf([...events.slice(0, 2), event]));
    expect(stream.failed).toBe(true);
  });

  it('may come with usage', () => {
    const stream = DIALECTS.responses.stream(false);
    const response = { status: 'failed', error: {}, usage: { input_tokens: 5, output_tokens: 2 } };
    pass(stream, `data: ${JSON.stringify({ type: 'response.failed', response })}\n\n`);
    expect(seen(stream)).toMatchObject({ failed: true, finished: true, usage: { total: 7 } });
  });
});
