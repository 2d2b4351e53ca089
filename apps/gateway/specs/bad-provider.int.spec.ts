import type { UsageRecorded } from '@tollgate/contracts/events';
import { atBest } from '@tollgate/testing/at-best';
import type { Instruction, LoggedRequest } from '@tollgate/testing/fake-provider';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

const MAX_STREAM_MS = 4_000;
const UPSTREAM_TIMEOUT_MS = 3_000;
/** Of the gateway's memory: what it may grow by, whatever a provider sends. */
const MAX_GROWTH_BYTES = 200 * 1_048_576;

const DIALECTS = [
  { path: '/v1/chat/completions', model: 'gpt-4o-mini', streamed: false },
  { path: '/v1/chat/completions', model: 'gpt-4o-mini', streamed: true },
  { path: '/v1/completions', model: 'gpt-3.5-turbo-instruct', streamed: true },
  { path: '/v1/responses', model: 'gpt-4o-mini', streamed: true },
  { path: '/v1/messages', model: 'claude-haiku-4-5', streamed: false },
  { path: '/v1/messages', model: 'claude-haiku-4-5', streamed: true },
];
type Dialect = (typeof DIALECTS)[number];
const STREAMS = DIALECTS.filter(({ streamed }) => streamed);

function requestOf({ path, model, streamed }: Dialect, content: string): string {
  const head = { model, stream: streamed };
  if (path === '/v1/completions') return JSON.stringify({ ...head, max_tokens: 100, prompt: content });
  if (path === '/v1/responses') return JSON.stringify({ ...head, max_output_tokens: 100, input: content });
  return JSON.stringify({ ...head, max_tokens: 100, messages: [{ role: 'user', content }] });
}

/** What the client got: a whole answer, one that broke off, or none. */
interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly broken: boolean;
}

async function receive(answer: Response): Promise<Received> {
  const { status, headers } = answer;
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      // Of an answer without an end, its beginning is enough.
      if (text.length < 1_048_576) text += decoder.decode(part, { stream: true });
    }
    return { status, headers, text, broken: false };
  } catch {
    return { status, headers, text, broken: true };
  }
}

/** Whatever a provider does, each of its attempts is recorded once and its client told what happened. */
describe('a provider that', () => {
  let gateway: RunningGateway;
  let key: SpecKey;

  beforeAll(async () => {
    gateway = await RunningGateway.start('bad-provider', {
      TOLLGATE_UPSTREAM_TIMEOUT_MS: String(UPSTREAM_TIMEOUT_MS),
      TOLLGATE_MAX_STREAM_MS: String(MAX_STREAM_MS),
      TOLLGATE_DRAIN_MS: '1000',
    });
  });
  afterAll(() => gateway?.stop());
  beforeEach(async () => {
    key = await gateway.newHardKey();
    gateway.provider.clearLog();
  });

  const send = (dialect: Dialect, told: Instruction, caller = key) =>
    fetch(gateway.url + dialect.path, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.token}`, 'content-type': 'application/json' },
      body: requestOf(dialect, `from ${caller.id} ${directive(told)}`),
    });
  const ask = async (dialect: Dialect, told: Instruction, caller = key) =>
    receive(await send(dialect, told, caller));
  const codeOf = ({ text }: Received) => (JSON.parse(text) as { error: { code: string } }).error.code;

  /**
   * The records of the attempts that the provider saw, in their order: one for each, none beside. A good request
   * after them is served, and its record, published behind theirs, shows that there are no others.
   */
  const recordsOf = async (attempts: number, caller = key): Promise<[UsageRecorded, LoggedRequest][]> => {
    const good = await ask(DIALECTS[0]!, { completion_tokens: 3 }, caller);
    expect([good.status, good.broken]).toEqual([200, false]);
    const served = await gateway.provider.log({ wait: attempts + 1 });
    const records = await gateway.recorded(caller.id, attempts + 1);
    expect(records.map(({ id }) => id).sort()).toEqual(served.map(({ request_id }) => request_id).sort());
    expect((await gateway.meterOf(caller.token)).held).toEqual({ cost_usd: '0.00', tokens: 0 });
    expect(gateway.process.running).toBe(true);
    const pairs = records.map((record): [UsageRecorded, LoggedRequest] => [
      record,
      served.find(({ request_id }) => request_id === record.id)!,
    ]);
    for (const [record, { reported_tokens }] of pairs) {
      if (record.quality === 'exact' && reported_tokens) expect(record.tokens).toEqual(reported_tokens);
    }
    return pairs.sort(([a], [b]) => (a.id < b.id ? -1 : 1)).slice(0, attempts);
  };
  const onlyRecord = async (caller = key) => {
    const [[record, served]] = (await recordsOf(1, caller)) as [[UsageRecorded, LoggedRequest]];
    return { record, served };
  };

  describe.each(DIALECTS)('reports, on $path (stream: $streamed),', (dialect) => {
    it.each<[string, Instruction]>([
      ['no usage', { usage: null }],
      ['usage that is null', { usage_text: 'null' }],
      ['an empty usage', { usage: {} }],
      [
        'negative usage',
        { usage: { prompt_tokens: -1, completion_tokens: -9, input_tokens: -1, output_tokens: -9 } },
      ],
      [
        'huge usage',
        { usage: { prompt_tokens: 1e15, completion_tokens: 1, input_tokens: 1e15, output_tokens: 1 } },
      ],
      [
        'infinite usage',
        {
          usage_text: '{"prompt_tokens":1e999,"completion_tokens":1,"input_tokens":1e999,"output_tokens":1}',
        },
      ],
      [
        'half a token',
        { usage: { prompt_tokens: 1.5, completion_tokens: 1, input_tokens: 1.5, output_tokens: 1 } },
      ],
      [
        'NaN as text',
        { usage: { prompt_tokens: 'NaN', completion_tokens: '9', input_tokens: 'NaN', output_tokens: '9' } },
      ],
    ])('%s: its tokens are estimated', async (_, told) => {
      const got = await ask(dialect, { ...told, completion_tokens: 40 });
      expect([got.status, got.broken]).toEqual([200, false]);
      const { record, served } = await onlyRecord();
      expect(record).toMatchObject({ status: 'succeeded', quality: 'estimated', http_status: 200 });
      expect(record.tokens.input).toBeGreaterThan(0);
      expect(record.tokens.output).toBeGreaterThanOrEqual(served.completion_tokens);
      // Within the same order: an estimate is no guess, though a body is more than its text.
      expect(record.tokens.output).toBeLessThan(10 * served.completion_tokens);
      expect(record.tokens.total).toBe(record.tokens.input + record.tokens.output);
    });

    it('bytes that are no JSON: its tokens are estimated', async () => {
      const got = await ask(dialect, { usage_text: '{"prompt_tokens":NaN}', completion_tokens: 40 });
      expect(got.status).toBe(200);
      const { record } = await onlyRecord();
      expect(record).toMatchObject({ quality: 'estimated', http_status: 200 });
      expect(record.tokens.output).toBeGreaterThan(0);
    });

    it('usage in classes: each token is recorded in its own', async () => {
      const classes = { cached_tokens: 5, cache_write_tokens: 3, reasoning_tokens: 4 };
      await ask(dialect, { ...classes, completion_tokens: 9 });
      const { record, served } = await onlyRecord();
      expect(record).toMatchObject({ quality: 'exact', tokens: served.reported_tokens });
    });
  });

  describe.each(STREAMS)('streams, on $path,', (dialect) => {
    it('its usage twice: it is recorded once', async () => {
      const got = await ask(dialect, { usage_twice: true, completion_tokens: 9 });
      expect(got.broken).toBe(false);
      const { record, served } = await onlyRecord();
      expect(record).toMatchObject({ status: 'succeeded', quality: 'exact', tokens: served.reported_tokens });
    });

    it.each<[string, Instruction]>([
      ['less than an answer, and ends it in good order', { truncate_after_chunks: 7 }],
      ['half an event, and ends its answer in good order', { truncate_after_chunks: 7, cut_mid_event: true }],
      ['half an event, and resets', { truncate_after_chunks: 7, cut_mid_event: true, reset: 'mid_stream' }],
      ['part of an answer, and resets', { truncate_after_chunks: 7, reset: 'mid_stream' }],
    ])('%s: the client sees it break off, and what had come is recorded', async (_, told) => {
      const got = await ask(dialect, { ...told, completion_tokens: 30 });
      expect([got.status, got.broken]).toEqual([200, true]);
      const { record, served } = await onlyRecord();
      expect(record).toMatchObject({ status: 'failed', http_status: 200 });
      expect(['partial', 'estimated']).toContain(record.quality);
      expect(served.completion_tokens).toBe(7);
      // A reset may overtake what was sent just before it.
      expect(record.tokens.output).toBeGreaterThan(0);
      expect(record.tokens.output).toBeLessThanOrEqual(2 * 8);
    });

    it('an error after its headers: the client gets it, and what had come is recorded', async () => {
      const got = await ask(dialect, { error_after: 7, completion_tokens: 30 });
      expect(got.text).toContain('The fake provider was told to fail here.');
      const { record } = await onlyRecord();
      expect(record).toMatchObject({ status: 'failed', http_status: 200 });
      expect(['partial', 'estimated']).toContain(record.quality);
      expect(record.tokens.output).toBeGreaterThanOrEqual(7);
      expect(record.tokens.output).toBeLessThanOrEqual(2 * 7);
    });

    it('without end: the stream is ended when it has taken too long, and recorded once', () =>
      atBest(async () => {
        const soft = await gateway.newKey();
        gateway.provider.clearLog();
        const started = performance.now();
        const got = await ask(dialect, { infinite: true, chunk_delay_ms: 5 }, soft);
        expect(performance.now() - started).toBeLessThan(MAX_STREAM_MS + 2_000);
        expect([got.status, got.broken]).toEqual([200, true]);
        const { record, served } = await onlyRecord(soft);
        expect(record.status).toBe('aborted');
        expect(['partial', 'estimated']).toContain(record.quality);
        expect(served.outcome).toBe('aborted_by_client');
        expect(record.tokens.output).toBeGreaterThan(50);
        expect(record.tokens.output).toBeLessThanOrEqual(2 * served.completion_tokens);
      }));

    it('as much as its cap allows to a key that holds: the answer is not cut, however long its words', async () => {
      const got = await ask(dialect, { completion_tokens: 100 });
      expect([got.status, got.broken]).toEqual([200, false]);
      const { record, served } = await onlyRecord();
      expect([served.outcome, served.completion_tokens]).toEqual(['served', 100]);
      expect(record).toMatchObject({ status: 'succeeded', quality: 'exact', tokens: { output: 100 } });
    });

    it('without end to a key that holds: the stream is ended in good order at its hold', async () => {
      const got = await ask(dialect, { infinite: true, chunk_delay_ms: 1 });
      expect([got.status, got.broken]).toEqual([200, false]);
      const { record } = await onlyRecord();
      expect(record.status).toBe('succeeded');
      expect(record.tokens.output).toBeGreaterThan(0);
      expect(record.tokens.output).toBeLessThanOrEqual(100);
    });
  });

  it.each(DIALECTS)(
    'compresses unasked, on $path (stream: $streamed): it is recorded once',
    async (dialect) => {
      const got = await ask(dialect, { gzip: true, completion_tokens: 9 });
      expect([got.status, got.broken]).toEqual([200, false]);
      const { record } = await onlyRecord();
      expect(record.tokens.total).toBeGreaterThan(0);
    },
  );

  describe('sends more than anybody can hold', () => {
    const residentBytes = async () => {
      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]);
    };

    /** Reads an answer while the gateway's memory is watched; gives what it grew by at most. */
    async function growthDuring(reading: () => Promise<unknown>): Promise<number> {
      const before = await residentBytes();
      let most = before;
      let over = false;
      const watching = (async () => {
        while (!over) most = Math.max(most, await residentBytes());
      })();
      await reading();
      over = true;
      await watching;
      return most - before;
    }

    it.each([DIALECTS[0]!, DIALECTS[1]!])('in a gzip bomb (stream: $streamed)', async (dialect) => {
      const growth = await growthDuring(async () => {
        const answer = await send(dialect, { gzip_bomb_mib: 1_024 });
        // Only the gateway is on trial: the client does not inflate it.
        await answer.body?.cancel();
      });
      expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
      await onlyRecord();
    });

    it.each([DIALECTS[0]!, DIALECTS[1]!])('as fast as it can (stream: $streamed)', async (dialect) => {
      const soft = await gateway.newKey();
      const growth = await growthDuring(() => ask(dialect, { infinite: true }, soft));
      expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
      const { record } = await onlyRecord(soft);
      expect(['partial', 'estimated']).toContain(record.quality);
    });
  });

  describe.each([DIALECTS[0]!, DIALECTS[5]!])(
    'fails, on $path (stream: $streamed), before it answers:',
    (dialect) => {
      const failed = { status: 'failed', tokens: { total: 0 } };

      it('one that never answers is waited for as long as configured, and not asked twice', async () => {
        const got = await ask(dialect, { hang: true });
        expect([got.status, codeOf(got)]).toEqual([504, 'upstream_timeout']);
        const { record } = await onlyRecord();
        expect(record).toMatchObject({ ...failed, http_status: null });
      });

      it('one that never reads what it is sent is waited for as long as configured', async () => {
        gateway.provider.control({ half_open: true, times: 1 });
        const padding = 'x'.repeat(8 * 1_048_576);
        const answer = await fetch(gateway.url + dialect.path, {
          method: 'POST',
          headers: { authorization: `Bearer ${key.token}`, 'content-type': 'application/json' },
          body: requestOf(dialect, padding),
        });
        expect(answer.status).toBe(504);
        const [record] = await gateway.recorded(key.id, 1);
        expect(record).toMatchObject({ ...failed, http_status: null });
        expect((await gateway.meterOf(key.token)).held).toEqual({ cost_usd: '0.00', tokens: 0 });
      });

      it('one that resets is tried once more, each attempt recorded', async () => {
        const got = await ask(dialect, { reset: 'before_headers' });
        expect([got.status, codeOf(got)]).toEqual([502, 'upstream_unreachable']);
        for (const [record] of await recordsOf(2))
          expect(record).toMatchObject({ ...failed, http_status: null });
      });

      it.each<[string, Instruction, number | null]>([
        ['resets', { reset: 'before_headers' }, null],
        ['is overloaded', { status: 503 }, 503],
        ['asks to wait a little', { status: 429, retry_after: 1 }, 429],
      ])('one that %s only once answers at the second attempt', async (_, told, status) => {
        const got = await ask(dialect, { ...told, fail_first: 1, completion_tokens: 5 });
        expect([got.status, got.broken]).toEqual([200, false]);
        const [first, second] = (await recordsOf(2)).map(([record]) => record);
        expect(first).toMatchObject({ ...failed, http_status: status });
        expect(second).toMatchObject({ status: 'succeeded', quality: 'exact', tokens: { output: 5 } });
      });

      it.each([400, 401, 404, 422])(
        'its %i is passed on, marked as its own, and not tried again',
        async (status) => {
          const got = await ask(dialect, { status });
          expect([got.status, got.headers.get('x-tollgate-upstream')]).toEqual([
            status,
            dialect.path === '/v1/messages' ? 'anthropic' : 'openai',
          ]);
          const { record } = await onlyRecord();
          expect(record).toMatchObject({ ...failed, http_status: status });
        },
      );

      it('its 429 that asks to wait for long is passed on, and not tried again', async () => {
        const got = await ask(dialect, { status: 429, retry_after: 30 });
        expect([got.status, got.headers.get('retry-after')]).toEqual([429, '30']);
        expect((await onlyRecord()).record).toMatchObject({ ...failed, http_status: 429 });
      });

      it('the credential that it repeats does not reach the client', async () => {
        const error = { error: { message: 'Incorrect API key provided: fake-provider-key.' } };
        const got = await ask(dialect, { status: 400, error });
        expect(got.text).toContain('Incorrect API key');
        expect(got.text + JSON.stringify([...got.headers])).not.toContain('fake-provider-key');
      });
    },
  );
});
