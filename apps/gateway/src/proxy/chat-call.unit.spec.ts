import { TollgateError } from '@tollgate/contracts/errors';
import { readChatCall } from './chat-call.ts';

const body = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

describe('a chat completion as the router reads it', () => {
  it('goes to the provider byte for byte when it is not streamed', () => {
    const bytes = body('{ "model":"m", "seed": 12345678901234567890, "messages": [] }');
    expect(readChatCall(bytes)).toEqual({ model: 'm', streamed: false, wantsUsage: true, body: bytes });
  });

  it('asks for usage on a stream without touching the other bytes', () => {
    const call = readChatCall(body('{"model":"m","seed":12345678901234567890,"stream":true}'));
    expect(call.wantsUsage).toBe(false);
    expect(call.body.toString()).toBe(
      '{"stream_options":{"include_usage":true},"model":"m","seed":12345678901234567890,"stream":true}',
    );
  });

  it('keeps the other options of a stream when it asks for usage', () => {
    const call = readChatCall(
      body({
        model: 'm',
        stream: true,
        stream_options: { include_obfuscation: false, include_usage: false },
      }),
    );
    expect(call.wantsUsage).toBe(false);
    expect(JSON.parse(call.body.toString()).stream_options).toEqual({
      include_obfuscation: false,
      include_usage: true,
    });
  });

  it('leaves a stream alone whose client asks for usage itself', () => {
    const bytes = body({ model: 'm', stream: true, stream_options: { include_usage: true } });
    expect(readChatCall(bytes)).toMatchObject({ wantsUsage: true, body: bytes });
  });

  it.each([
    ['', undefined],
    ['nope', undefined],
    ['[]', undefined],
    ['null', undefined],
    [{ messages: [] }, 'model'],
    [{ model: 7 }, 'model'],
    [{ model: 'm', stream: 'yes' }, 'stream'],
    [{ model: 'm', stream: true, stream_options: [] }, 'stream_options'],
  ])('refuses %j with invalid_body, naming the field', (value, param) => {
    expect.assertions(2);
    try {
      readChatCall(body(value));
    } catch (error) {
      expect((error as TollgateError).code).toBe('invalid_body');
      expect((error as TollgateError).extras.param).toBe(param);
    }
  });
});
