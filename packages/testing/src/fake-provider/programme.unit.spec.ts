import { Programme, readInstruction } from './programme.ts';

const prompt = (content: string) => [{ role: 'user', content }];

describe('the programme of the fake provider', () => {
  it('gives the standing behaviour until another is put', () => {
    const programme = new Programme();
    expect(programme.next(prompt('a'))).toEqual({});
    programme.put({ status: 500 });
    expect([programme.next(prompt('a')), programme.next(prompt('b'))]).toEqual([
      { status: 500 },
      { status: 500 },
    ]);
    programme.put({});
    expect(programme.next(prompt('a'))).toEqual({});
  });

  it('gives instructions for the next n requests first, in the order they were put', () => {
    const programme = new Programme();
    programme.put({ delay_ms: 1 });
    programme.put({ status: 429, times: 2 });
    programme.put({ status: 503, times: 1 });
    expect(Array.from({ length: 4 }, () => programme.next(prompt('a')))).toEqual([
      { status: 429 },
      { status: 429 },
      { status: 503 },
      { delay_ms: 1 },
    ]);
  });

  it('lets a directive in the last user message govern its request alone and use up nothing', () => {
    const programme = new Programme();
    programme.put({ status: 500, times: 1 });
    const messages = [
      ...prompt('[[fake:{"status":400}]]'),
      ...prompt('Hi [[fake:{"completion_tokens":50,"usage":{"a":[[1]]}}]] there'),
      { role: 'assistant', content: '[[fake:{"status":401}]]' },
    ];
    expect(programme.next(messages)).toEqual({ completion_tokens: 50, usage: { a: [[1]] } });
    expect(programme.next(prompt('a'))).toEqual({ status: 500 });
  });

  it('fails the first attempts of an input, under any model, and then no more', () => {
    const programme = new Programme();
    const told = (name: string) =>
      prompt(`${name} [[fake:{"fail_first":2,"status":503,"hang":true,"completion_tokens":7}]]`);
    const statuses = (name: string) => programme.next(told(name)).status;
    expect([statuses('a'), statuses('b'), statuses('a')]).toEqual([503, 503, 503]);
    expect(programme.next(told('a'))).toEqual({ fail_first: 2, completion_tokens: 7 });
    expect([statuses('b'), statuses('b')]).toEqual([503, undefined]);
  });

  it('knows before a request is read that it is not to be', () => {
    const programme = new Programme();
    programme.put({ half_open: true, times: 1 });
    expect([programme.leavesUnread(), programme.leavesUnread()]).toEqual([true, false]);
  });

  it('refuses a directive that is not understood instead of ignoring it', () => {
    const programme = new Programme();
    expect(() => programme.next(prompt('[[fake:{"delay":1}]]'))).toThrow(/delay/);
    expect(() => programme.next(prompt('[[fake:{"status":'))).toThrow(/Not JSON/);
    expect(() => readInstruction('{"status":200}')).toThrow(/status/);
  });
});
