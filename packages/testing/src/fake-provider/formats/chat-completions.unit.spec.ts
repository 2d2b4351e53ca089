import { complete } from '../completion.ts';
import type { Answer } from '../format.ts';
import { tokensOf } from '../tokens.ts';
import { chatCompletions } from './chat-completions.ts';
import { openAiUsage } from './openai.ts';

const completion = complete([{ role: 'user', content: 'Hello' }], { length: 3 });
const tokens = tokensOf(8, 3);
const answer = (completions = [completion], reports = true): Answer => ({
  id: 'chatcmpl-1',
  created: 1_800_000_000,
  completions,
  tokens,
  usage: (own) => (reports ? own : undefined),
});
const call = (includeUsage: boolean) =>
  chatCompletions.read(
    Buffer.from(
      JSON.stringify({
        model: 'gpt-4o-mini',
        messages: [{ role: 'user', content: 'Hello' }],
        stream: true,
        stream_options: { include_usage: includeUsage },
      }),
    ),
  );
const stream = (includeUsage: boolean, given = answer()) => {
  const events = [...call(includeUsage).stream(given)].map(({ text }) => text);
  expect(events.pop()).toBe('data: [DONE]\n\n');
  return events.map((text) => JSON.parse(/^data: (.*)\n\n$/.exec(text)?.[1] ?? ''));
};

describe('the chunks of a streamed chat completion', () => {
  it('are the role, the tokens and the finish reason, all under one id and without usage', () => {
    const chunks = stream(false);
    const head = {
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1_800_000_000,
      model: 'gpt-4o-mini',
      service_tier: 'default',
      system_fingerprint: expect.any(String),
    };
    const choice = (delta: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(chunks).toEqual([
      choice({ role: 'assistant', content: '', refusal: null }),
      choice({ content: 'This' }),
      choice({ content: ' is' }),
      choice({ content: ' the' }),
      choice({}, 'stop'),
    ]);
  });

  it('end with the usage and no choices where it is asked for, after `usage: null` on all others', () => {
    const chunks = stream(true);
    expect(chunks.pop()).toMatchObject({ choices: [], usage: openAiUsage(tokens) });
    expect(chunks.every(({ usage }) => usage === null)).toBe(true);
  });

  it('have no usage chunk where the provider is told to report none', () => {
    expect(stream(true, answer([completion], false)).at(-1)?.choices[0].finish_reason).toBe('stop');
  });

  it('carry every choice under its index', () => {
    const finished = stream(false, answer([completion, completion])).filter(
      ({ choices }) => choices[0].finish_reason,
    );
    expect(finished.map(({ choices }) => choices[0].index)).toEqual([0, 1]);
  });
});

describe('a chat completion in one piece', () => {
  const whole = (given: Answer) => JSON.parse(JSON.stringify(call(false).whole(given)));

  it('has the text that the stream spells out', () => {
    const spelled = stream(false).map(({ choices }) => choices[0].delta.content ?? '');
    expect(whole(answer())).toMatchObject({
      object: 'chat.completion',
      choices: [
        { index: 0, message: { role: 'assistant', content: spelled.join('') }, finish_reason: 'stop' },
      ],
      usage: openAiUsage(tokens),
    });
  });

  it('has no usage field where none is reported', () => {
    expect(whole(answer([completion], false))).not.toHaveProperty('usage');
  });
});
