import { type LoggedRequest, RequestLog } from './request-log.ts';

const request = (request_id: string, model = 'gpt-4o'): LoggedRequest => ({
  request_id,
  attempt: null,
  endpoint: '/v1/chat/completions',
  model,
  streamed: false,
  authorization_sha256: null,
  body_sha256: null,
  header_names: [],
  prompt_tokens: 0,
  completion_tokens: 0,
  reported_usage: null,
  reported_tokens: null,
  status: 200,
  outcome: 'served',
  started_at: '2026-11-23T00:00:00.000Z',
  ended_at: '2026-11-23T00:00:01.000Z',
});
const ids = (log: RequestLog, filter = {}) => [...log.entries(filter)].map(({ request_id }) => request_id);
const forever = new AbortController().signal;

/** Whether a promise has settled once everything that was ready to run has run. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(
    () => (done = true),
    () => (done = true),
  );
  await new Promise(setImmediate);
  return done;
}

describe('the log of requests', () => {
  it('keeps the last requests in the order they ended, and counts those it forgot', () => {
    const log = new RequestLog(3);
    const kept = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => {
      log.end(request(id));
      return ids(log).join('');
    });
    expect(kept).toEqual(['a', 'ab', 'abc', 'bcd', 'cde', 'def', 'efg']);
    expect(log.forgotten).toBe(4);
    log.clear();
    log.end(request('h'));
    expect([ids(log), log.forgotten]).toEqual([['h'], 0]);
  });

  it('tells requests in flight from those that ended, by request and model', () => {
    const log = new RequestLog(9);
    const [a, b] = [request('a'), request('b', 'gpt-5')];
    log.begin(a);
    log.begin(b);
    log.end(a);
    expect(ids(log, { state: 'in_flight' })).toEqual(['b']);
    expect(ids(log)).toEqual(['a']);
    log.end(b);
    expect([ids(log, { model: 'gpt-5' }), ids(log, { request_id: 'a' })]).toEqual([['b'], ['a']]);
  });

  it('finds all attempts of a request, and none of another one that begins alike', () => {
    const log = new RequestLog(9);
    for (const id of ['a', 'a/1', 'a/2', 'ab/1']) log.end(request(id));
    expect([ids(log, { request_id: 'a' }), ids(log, { request_id: 'a/2' })]).toEqual([
      ['a', 'a/1', 'a/2'],
      ['a/2'],
    ]);
  });

  it('counts towards a wait what is there and what comes, but nothing that does not match', async () => {
    const log = new RequestLog(2);
    log.end(request('a'));
    const waiting = log.wait(2, { request_id: 'a' }, forever);
    const inFlight = log.wait(1, { state: 'in_flight' }, forever);
    log.end(request('b'));
    expect([await settled(waiting), await settled(inFlight)]).toEqual([false, false]);
    log.begin(request('a'));
    expect([await settled(waiting), await settled(inFlight)]).toEqual([false, true]);
    log.end(request('a'));
    expect(await settled(waiting)).toBe(true);
  });

  it('ends a wait when its signal is aborted, before or during it', async () => {
    const log = new RequestLog(2);
    const abort = new AbortController();
    const waiting = log.wait(1, {}, abort.signal);
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(log.wait(1, {}, abort.signal)).rejects.toThrow('stopped');
  });
});
