import fc from 'fast-check';
import { SseUsage } from './openai-stream.ts';

const chunk = (content: string, usage?: unknown) =>
  `data: ${JSON.stringify({ id: 'c1', choices: [{ delta: { content } }], ...(usage === undefined ? {} : { usage }) })}\n\n`;
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const usageChunk = `data: ${JSON.stringify({ id: 'c1', choices: [], usage })}\n\n`;
const done = 'data: [DONE]\n\n';
const stream = chunk('Hé', null) + chunk('llo', null) + usageChunk + done;
const withoutUsage = chunk('Hé', null) + chunk('llo', null) + done;
const counted = { input: 9, cached_input: 0, cache_write: 0, output: 3, reasoning: 0, total: 12 };

function pass(reader: SseUsage, bytes: Buffer, cuts: number[] = []): string {
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    out.push(Buffer.from(reader.push(bytes.subarray(from, cut))));
    from = cut;
  }
  out.push(reader.end());
  return Buffer.concat(out).toString();
}

describe('usage read off a stream', () => {
  it('passes the usage chunk on where the client asked for it', () => {
    const reader = new SseUsage(true);
    expect(pass(reader, Buffer.from(stream))).toBe(stream);
    expect(reader.usage).toEqual(counted);
  });

  it('keeps the usage chunk from a client that did not ask, and nothing else', () => {
    const reader = new SseUsage(false);
    expect(pass(reader, Buffer.from(stream))).toBe(withoutUsage);
    expect(reader.usage).toEqual(counted);
  });

  it('gives the same bytes and usage however the network cuts the stream', () => {
    const bytes = Buffer.from(stream);
    const cuts = fc
      .uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }))
      .map((at) => at.sort((a, b) => a - b));
    fc.assert(
      fc.property(cuts, fc.boolean(), (at, wanted) => {
        const reader = new SseUsage(wanted);
        expect(pass(reader, bytes, at)).toBe(wanted ? stream : withoutUsage);
        expect(reader.usage).toEqual(counted);
        expect(reader.events).toBe(4);
      }),
    );
  });

  it('reads streams with CRLF line ends', () => {
    const reader = new SseUsage(false);
    expect(pass(reader, Buffer.from(stream.replaceAll('\n', '\r\n')))).toBe(
      withoutUsage.replaceAll('\n', '\r\n'),
    );
    expect(reader.usage).toEqual(counted);
  });

  it('hands on what is left of a stream that breaks off, and knows no usage', () => {
    const broken = `${chunk('Hé', null)}data: {"id":"c1","cho`;
    const reader = new SseUsage(false);
    expect(pass(reader, Buffer.from(broken))).toBe(broken);
    expect(reader.usage).toBeNull();
    expect(reader.events).toBe(2);
  });

  it('keeps usage that comes with content, as some providers send it', () => {
    const reader = new SseUsage(false);
    const text = chunk('Hi', usage) + done;
    expect(pass(reader, Buffer.from(text))).toBe(text);
    expect(reader.usage).toEqual(counted);
  });
});
