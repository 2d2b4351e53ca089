import { DIALECTS } from './dialects.ts';

const tokens = { input: 80, cached_input: 20, cache_write: 7, output: 5, reasoning: 2, total: 112 };
const feed = (stream: { push(chunk: Buffer): Buffer }, ...data: (object | string)[]) => {
  for (const each of data) {
    stream.push(Buffer.from(`data: ${typeof each === 'string' ? each : JSON.stringify(each)}\n\n`));
  }
};
/** Reads bytes as a client does. */
const eventsIn = (bytes: Buffer) =>
  bytes
    .toString()
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [name, data] = [/^event: (.*)$/m.exec(event)?.[1], /^data: (.*)$/m.exec(event)![1]!];
      return data === '[DONE]' ? { data } : { ...(name && { name }), data: JSON.parse(data) };
    });

const head = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1741570283,
  model: 'gpt-4o-2024-08-06',
};
const said = (content: string, index = 0, finish_reason: string | null = null) => {
  return { ...head, choices: [{ index, delta: { content }, finish_reason }] };
};
const cut = (index: number) => ({ index, delta: {}, logprobs: null, finish_reason: 'length' });

describe('a stream that reaches a limit of the router', () => {
  it('of chat completions ends with a reason and [DONE], under its own id and model', () => {
    const stream = DIALECTS.chat.stream(false);
    feed(stream, said('Hello'));
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      { data: { ...head, choices: [cut(0)] } },
      { data: '[DONE]' },
    ]);
  });

  it('of chat completions tells its usage to a client that asked', () => {
    const stream = DIALECTS.chat.stream(true);
    feed(stream, said('Hello'));
    const usage = {
      prompt_tokens: 107,
      completion_tokens: 5,
      total_tokens: 112,
      prompt_tokens_details: { cached_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 2 },
    };
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      { data: { ...head, choices: [cut(0)], usage: null } },
      { data: { ...head, choices: [], usage } },
      { data: '[DONE]' },
    ]);
  });

  it('of several choices ends those that have not ended', () => {
    const stream = DIALECTS.chat.stream(false, 3);
    feed(stream, said('a', 0), said('b', 1), said('', 1, 'stop'));
    const choices = [[cut(0)], [cut(2)]];
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      ...choices.map((each) => ({ data: { ...head, choices: each } })),
      { data: '[DONE]' },
    ]);
  });

  it('of legacy completions ends in their form', () => {
    const stream = DIALECTS.completions.stream(false);
    const legacy = { id: 'cmpl-1', object: 'text_completion', created: 7, model: 'gpt-3.5-turbo-instruct' };
    feed(stream, { ...legacy, choices: [{ text: 'a', index: 0, finish_reason: null }] });
    const choices = [{ index: 0, text: '', logprobs: null, finish_reason: 'length' }];
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      { data: { ...legacy, choices } },
      { data: '[DONE]' },
    ]);
  });

  it('of messages closes what is open, with a reason and usage', () => {
    const stream = DIALECTS.messages.stream(false);
    feed(
      stream,
      { type: 'message_start', message: { id: 'msg_1', usage: { input_tokens: 80, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Hi' } },
    );
    const usage = {
      input_tokens: 80,
      cache_creation_input_tokens: 7,
      cache_read_input_tokens: 20,
      output_tokens: 5,
    };
    const delta = { stop_reason: 'max_tokens', stop_sequence: null };
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      { name: 'content_block_stop', data: { type: 'content_block_stop', index: 1 } },
      { name: 'message_delta', data: { type: 'message_delta', delta, usage } },
      { name: 'message_stop', data: { type: 'message_stop' } },
    ]);
  });

  it('of messages does not give a second reason', () => {
    const stream = DIALECTS.messages.stream(false);
    feed(stream, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } });
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      { name: 'message_stop', data: { type: 'message_stop' } },
    ]);
  });

  it('of responses is incomplete for its maximum of output, numbered on', () => {
    const stream = DIALECTS.responses.stream(false);
    const response = {
      id: 'resp_1',
      object: 'response',
      created_at: 7,
      model: 'gpt-4.1',
      status: 'in_progress',
    };
    feed(
      stream,
      { type: 'response.created', sequence_number: 0, response },
      { type: 'response.output_text.delta', sequence_number: 1, delta: 'Hi' },
    );
    expect(eventsIn(stream.endAtLimit(tokens))).toEqual([
      {
        name: 'response.incomplete',
        data: {
          type: 'response.incomplete',
          sequence_number: 2,
          response: {
            ...response,
            status: 'incomplete',
            error: null,
            incomplete_details: { reason: 'max_output_tokens' },
            output: [],
            usage: {
              input_tokens: 107,
              input_tokens_details: { cached_tokens: 20 },
              output_tokens: 5,
              output_tokens_details: { reasoning_tokens: 2 },
              total_tokens: 112,
            },
          },
        },
      },
    ]);
  });

  it('and has ended by itself ends once', () => {
    const stream = DIALECTS.chat.stream(true);
    feed(stream, said('a'), '[DONE]');
    expect(stream.endAtLimit(tokens)).toHaveLength(0);
  });

  it('in the middle of an event of which the client has a part ends that first', () => {
    const stream = DIALECTS.chat.stream(false);
    feed(stream, said('a'));
    expect(stream.push(Buffer.alloc(5 * 1_048_576, 'data: x')).length).toBeGreaterThan(0);
    expect(stream.endAtLimit(tokens).toString()).toMatch(/^\n\ndata: /);
  });

  it('in the middle of an event that was held back leaves that out', () => {
    const stream = DIALECTS.chat.stream(false);
    feed(stream, said('a'));
    expect(stream.push(Buffer.from('data: {"id":'))).toHaveLength(0);
    expect(stream.endAtLimit(tokens).toString()).toMatch(/^data: \{"id":"chatcmpl-1"/);
  });
});
