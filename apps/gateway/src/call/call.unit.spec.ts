import { TollgateError } from '@tollgate/contracts/errors';
import fc from 'fast-check';
import { Call, type Changes } from './call.ts';
import { ENDPOINTS, endpointAt } from './endpoints.ts';

const CHAT = '/v1/chat/completions';
const bytes = (body: unknown) =>
  Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const call = (body: unknown, path = CHAT) => new Call(endpointAt(path)!, bytes(body));
const forwarded = (body: unknown, changes: Partial<Changes> = {}, path = CHAT) => {
  const read = call(body, path);
  return read.forward({ model: read.model, outputCap: null, ...changes }).toString();
};

describe('what the router reads of a request', () => {
  it('is the model, the stream, the cap and the choices', () => {
    const body = { model: 'm', stream: true, max_tokens: 9, max_completion_tokens: 7, n: 3 };
    expect(call(body)).toMatchObject({
      model: 'm',
      streamed: true,
      wantsUsage: false,
      outputCap: 7,
      choices: 3,
    });
    expect(call({ model: 'm' })).toMatchObject({
      streamed: false,
      wantsUsage: true,
      outputCap: null,
      choices: 1,
    });
    expect(call({ model: 'm', n: 2, best_of: 5 }, '/v1/completions').choices).toBe(5);
    expect(call({ model: 'm', input: 'a' }, '/v1/embeddings').choices).toBe(0);
    expect(call({ model: 'm', max_output_tokens: 4 }, '/v1/responses').outputCap).toBe(4);
    expect(call({ model: 'm', max_tokens: 4, stream: true }, '/v1/messages').wantsUsage).toBe(true);
  });

  it.each([
    ['no model', {}, 'model'],
    ['an empty model', { model: '' }, 'model'],
    ['a model that is no text', { model: 3 }, 'model'],
    ['a model too long', { model: 'm'.repeat(257) }, 'model'],
    ['two models', '{"model":"a","model":"b"}', 'model'],
    ['a stream that is no flag', { model: 'm', stream: 'yes' }, 'stream'],
    ['a negative cap', { model: 'm', max_tokens: -1 }, 'max_tokens'],
    ['half a token', { model: 'm', max_tokens: 1.5 }, 'max_tokens'],
    ['too many choices', { model: 'm', n: 129 }, 'n'],
    ['options that are a list', { model: 'm', stream: true, stream_options: [] }, 'stream_options'],
    ['a value cut short', '{"model":"m","stream":tru}', 'stream'],
    ['no JSON', '{"model":', null],
    ['invalid UTF-8', Buffer.from('{"model":"m\xff"}', 'latin1'), null],
  ])('%s is refused with the field', (_, body, param) => {
    let refused: unknown;
    try {
      call(body);
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(TollgateError);
    expect((refused as TollgateError).toBody().error).toMatchObject({ code: 'invalid_body', param });
  });
});

describe('what is forwarded', () => {
  it('is the client’s own bytes where nothing has to change', () => {
    const body = '{ "model":"m", "messages" : [ ] , "x": 1e3 }';
    expect(forwarded(body)).toBe(body);
    const asking = '{"model":"m","stream":true,"stream_options":{"include_usage":true}}';
    expect(forwarded(asking)).toBe(asking);
  });

  it.each([
    ['{"model":"m","stream":true}', { include_usage: true }],
    ['{"model":"m","stream":true,"stream_options":null}', { include_usage: true }],
    [
      '{"stream_options":{"include_obfuscation":false},"model":"m","stream":true}',
      { include_obfuscation: false, include_usage: true },
    ],
    ['{"model":"m","stream_options":{"include_usage":false},"stream":true}', { include_usage: true }],
  ])('asks for the usage of a stream: %s', (body, options) => {
    const read = call(body);
    expect(read.wantsUsage).toBe(false);
    expect(JSON.parse(forwarded(body))).toEqual({ ...JSON.parse(body), stream_options: options });
  });

  it('has the provider’s name of the model and the lowered cap, in place of each that was there', () => {
    const body = { max_tokens: 90, messages: [{ role: 'user', content: '{"model":"no"}' }], model: 'a/m' };
    expect(JSON.parse(forwarded(body, { model: 'm', outputCap: 5 }))).toEqual({
      ...body,
      model: 'm',
      max_tokens: 5,
    });
    const both = { model: 'm', max_tokens: 90, max_completion_tokens: 80 };
    expect(JSON.parse(forwarded(both, { outputCap: 5 }))).toEqual({
      model: 'm',
      max_tokens: 5,
      max_completion_tokens: 5,
    });
    expect(JSON.parse(forwarded({ model: 'm' }, { outputCap: 5 }))).toEqual({
      model: 'm',
      max_completion_tokens: 5,
    });
  });
});

describe('what cannot be bounded beforehand is named', () => {
  const text = [{ role: 'user', content: [{ type: 'text', text: 'a' }] }];
  it.each<[string, object, string | null]>([
    [CHAT, { messages: text, tools: [{ type: 'function', function: {} }] }, null],
    [CHAT, { messages: [{ role: 'user', content: 'a' }], service_tier: 'default' }, null],
    [CHAT, { messages: [{ content: [{ type: 'image_url', image_url: {} }] }] }, 'messages.0.content.0'],
    [CHAT, { messages: [...text, { content: [{ type: 'file' }] }] }, 'messages.1.content.0'],
    [CHAT, { messages: [{ role: 'assistant', audio: { id: 'a' } }] }, 'messages.0.audio'],
    [CHAT, { messages: [{ role: 'assistant', audio: 'text like any other' }] }, null],
    [CHAT, { messages: text, web_search_options: {} }, 'web_search_options'],
    [CHAT, { messages: text, modalities: ['text', 'audio'] }, 'modalities.1'],
    [CHAT, { messages: text, service_tier: 'priority' }, 'service_tier'],
    ['/v1/responses', { input: 'a' }, null],
    ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_text', text: 'a' }] }] }, null],
    ['/v1/responses', { input: 'a', tools: [{ type: 'web_search' }] }, 'tools.0'],
    ['/v1/responses', { input: 'a', previous_response_id: 'r' }, 'previous_response_id'],
    ['/v1/responses', { input: [{ type: 'item_reference', id: 'i' }] }, 'input.0'],
    ['/v1/responses', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }, 'input.0.content.0'],
    ['/v1/messages', { messages: text, tools: [{ name: 't', input_schema: {} }] }, null],
    ['/v1/messages', { messages: text, tools: [{ type: 'web_search_20250305' }] }, 'tools.0'],
    [
      '/v1/messages',
      { messages: [{ content: [{ type: 'tool_result', content: [{ type: 'image' }] }] }] },
      'messages.0.content.0.content.0',
    ],
    ['/v1/messages', { messages: text, mcp_servers: [{}] }, 'mcp_servers'],
    ['/v1/embeddings', { input: ['a', 'b'] }, null],
  ])('%s %j', (path, fields, part) => {
    expect(call({ model: 'm', ...fields }, path).unboundedPart()).toBe(part);
  });

  it('is found where its name is written with escapes', () => {
    const body = '{"model":"m","messages":[{"role":"assistant","\\u0061udio":{"id":"a"}}]}';
    expect(call(body).unboundedPart()).toBe('messages.0.audio');
  });

  it('is found whether or not the body has to be read for it', () => {
    const words = ['a', 'text', 'image_url', 'priority', 'web_search'];
    const scalar = fc.constantFrom<unknown>(null, true, 1, ...words);
    const some = (item: fc.Arbitrary<unknown>) => fc.oneof(scalar, item, fc.array(item, { maxLength: 2 }));
    const object =
      (...names: string[]) =>
      (value: fc.Arbitrary<unknown>) =>
        fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    const part = object('type', 'content', 'audio')(scalar);
    const message = object('type', 'content', 'output', 'audio')(some(part));
    const someRequest = fc.constantFrom(...ENDPOINTS).chain(({ path, bounds }) => {
      const said = object(...Object.keys(bounds.text))(some(message));
      const beside = object(...bounds.beside)(some(part));
      const body = fc.tuple(said, fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, beside));
      return body.map(([text, others]) => ({ path, bounds, body: { model: 'm', ...text, ...others } }));
    });
    fc.assert(
      fc.property(someRequest, ({ path, bounds, body }) => {
        expect(call(body, path).unboundedPart()).toBe(bounds.unboundedPart(body));
      }),
      { numRuns: 10_000 },
    );
  });
});
