import { readFileSync } from 'node:fs';
import { DIALECTS } from './dialects.ts';
import { estimateOutput, estimateTokens, raisedToSeen } from './estimate.ts';

const silent = { outputBytes: 0, outputEvents: 0 };

describe('tokens that a provider did not count', () => {
  it('are a quarter of the bytes of text, rounded up', () => {
    const tokens = { input: 26, cached_input: 0, cache_write: 0, output: 3, reasoning: 0, total: 29 };
    expect(estimateTokens(101, { outputBytes: 9, outputEvents: 1 })).toEqual(tokens);
  });

  it('are zero where there was no output', () => {
    expect(estimateTokens(0, silent).total).toBe(0);
  });

  it('are at least one for each event that carried output', () => {
    expect(estimateOutput({ outputBytes: 9, outputEvents: 9 })).toBe(9);
    expect(estimateOutput({ outputBytes: 90, outputEvents: 9 })).toBe(23);
  });

  it('are added to what it had counted when its answer broke off', () => {
    const counted = {
      input: 4,
      cached_input: 9,
      cache_write: 0,
      output: 1,
      reasoning: 0,
      total: 14,
      cache_write_1h: 0,
    };
    expect(raisedToSeen(counted, { outputBytes: 40, outputEvents: 3 })).toEqual({
      ...counted,
      output: 10,
      total: 23,
    });
    expect(raisedToSeen({ ...counted, output: 50, total: 63 }, silent)).toEqual({
      ...counted,
      output: 50,
      total: 63,
    });
  });
});

describe('the output in a body', () => {
  it.each([
    [
      'chat',
      {
        choices: [
          { message: { content: 'Hé "text":"x"', tool_calls: [{ function: { arguments: '{"a":1}' } }] } },
        ],
      },
      21,
    ],
    ['chat', { choices: [{ message: { content: null, reasoning_content: 'Hm', refusal: 'no' } }] }, 4],
    ['completions', { choices: [{ text: 'one' }, { text: 'two' }] }, 6],
    ['embeddings', { data: [{ embedding: 'AAAAAAAA' }] }, 0],
    ['responses', { output: [{ content: [{ type: 'output_text', text: 'Hi' }] }, { arguments: '{}' }] }, 4],
    [
      'messages',
      {
        content: [
          { type: 'thinking', thinking: 'Hm', signature: 'Eq' },
          { type: 'text', text: 'Hi' },
        ],
      },
      4,
    ],
  ] as const)('of %s is its text, not its JSON: %j', (format, body, bytes) => {
    expect(DIALECTS[format].outputBytesOf(Buffer.from(JSON.stringify(body)))).toBe(bytes);
  });

  it.each([
    ['"content":"\\u4f60\\u00e9"', 6],
    ['"content":"\\n\\"\\\\"', 3],
    ['"content" : "never ends', 10],
    ['"content":"\\', 1],
  ])('is measured without decoding it: %s', (json, bytes) => {
    expect(DIALECTS.chat.outputBytesOf(Buffer.from(json))).toBe(bytes);
  });

  it('is read in streams as in bodies', () => {
    const streams: { format: 'chat'; events: string[]; outputBytes: number }[] = JSON.parse(
      readFileSync(new URL('./fixtures/streams.json', import.meta.url), 'utf8'),
    );
    for (const { format, events, outputBytes } of streams) {
      const stream = DIALECTS[format].stream(true);
      stream.push(Buffer.from(events.map((event) => `${event}\n\n`).join('')));
      expect(stream.outputBytes).toBe(outputBytes);
    }
  });
});
