import { completionBody, completionChunks, serverSentEvent } from './chunks.ts';
import { complete } from './completion.ts';
import { usageOf } from './usage.ts';

const head = { id: 'chatcmpl-1', created: 1_800_000_000, model: 'gpt-4o-mini' };
const completion = complete([{ role: 'user', content: 'Hello' }], { length: 3 });
const usage = usageOf(8, 3);
const stream = (options: { usage: unknown; includeUsage: boolean }, completions = [completion]) =>
  [...completionChunks(head, completions, options)].map(({ kind, data }) => ({
    kind,
    data: JSON.parse(JSON.stringify(data)),
  }));

describe('the chunks of a stream', () => {
  it('are the role, the tokens and the finish reason, all under one id and without usage', () => {
    const chunks = stream({ usage, includeUsage: false });
    expect(chunks.map(({ kind }) => kind)).toEqual(['role', 'content', 'content', 'content', 'finish']);
    expect(chunks[0]?.data).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model: 'gpt-4o-mini',
      service_tier: 'default',
      system_fingerprint: expect.any(String),
      choices: [
        {
          index: 0,
          delta: { role: 'assistant', content: '', refusal: null },
          logprobs: null,
          finish_reason: null,
        },
      ],
    });
    expect(chunks[1]?.data.choices[0].delta).toEqual({ content: 'This' });
    expect(chunks[4]?.data.choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]);
    expect(chunks.every(({ data }) => data.id === 'chatcmpl-1' && !('usage' in data))).toBe(true);
  });

  it('end with the usage and no choices where it is asked for, after `usage: null` on all others', () => {
    const chunks = stream({ usage, includeUsage: true });
    const last = chunks.pop();
    expect(last).toMatchObject({ kind: 'usage', data: { choices: [], usage } });
    expect(chunks.every(({ data }) => data.usage === null)).toBe(true);
  });

  it('have no usage chunk where the provider is told to report none', () => {
    expect(stream({ usage: undefined, includeUsage: true }).at(-1)?.kind).toBe('finish');
  });

  it('carry every choice under its index', () => {
    const finishes = stream({ usage, includeUsage: false }, [completion, completion]).filter(
      ({ kind }) => kind === 'finish',
    );
    expect(finishes.map(({ data }) => data.choices[0].index)).toEqual([0, 1]);
  });

  it('are written as server-sent events', () => {
    expect(serverSentEvent({ a: 1 })).toBe('data: {"a":1}\n\n');
  });
});

describe('a completion in one piece', () => {
  it('has the text that the stream spells out', () => {
    const spelled = stream({ usage, includeUsage: false })
      .filter(({ kind }) => kind === 'content')
      .map(({ data }) => data.choices[0].delta.content)
      .join('');
    expect(completionBody(head, [completion], usage)).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: spelled }, finish_reason: 'stop' }],
      usage,
    });
  });

  it('has no usage field where none is reported', () => {
    expect(completionBody(head, [completion], undefined)).not.toHaveProperty('usage');
  });
});
