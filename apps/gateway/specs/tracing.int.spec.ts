import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@tollgate/testing/eventually';
import { type OtlpReceiver, startOtlpReceiver } from '@tollgate/testing/otlp-receiver';
import { directive, RunningGateway, type SpecKey } from './running-gateway.ts';

const CALLER = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };

const ask = (gateway: RunningGateway, key: SpecKey, model: string, headers: object = {}) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key.token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      model,
      messages: [{ role: 'user', content: `hi ${directive({ completion_tokens: 3 })}` }],
    }),
  });
/** The names of the headers that the provider got with a request. */
const headersAtProvider = async (gateway: RunningGateway, model: string) => {
  const [request] = await gateway.provider.log({ model, wait: 1 });
  return request!.header_names;
};

describe('a gateway that sends traces', () => {
  let receiver: OtlpReceiver;
  let gateway: RunningGateway;
  let key: SpecKey;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const provider = {
      protocol: 'openai',
      base_url: 'https://api.openai.com/v1',
      base_url_variable: 'OPENAI_BASE_URL',
      credential: 'OPENAI_API_KEY',
    };
    const providers = [
      { ...provider, name: 'own', models: ['gpt-4o'], trace_context: true },
      { ...provider, name: 'openai', models: ['*'] },
    ];
    const file = join(mkdtempSync(join(tmpdir(), 'tollgate-providers-')), 'providers.json');
    writeFileSync(file, JSON.stringify({ providers }));
    gateway = await RunningGateway.start('traced', {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      TOLLGATE_PROVIDERS: file,
    });
    key = await gateway.newKey();
  });
  afterAll(async () => {
    await gateway?.stop();
    await receiver?.stop();
  });

  it("goes on with its caller's trace, to the attempt and the usage record", async () => {
    const traceparent = `00-${CALLER.trace}-${CALLER.span}-01`;
    const answer = await ask(gateway, key, 'gpt-4o-mini', { traceparent });
    expect(answer.status).toBe(200);
    const requestId = answer.headers.get('x-request-id')!;
    await gateway.recorded(key.id, 1);
    await eventually(() => expect(receiver.spans).toHaveLength(2));
    const request = receiver.spans.find(({ name }) => name === 'POST /v1/chat/completions')!;
    expect(request).toMatchObject({ service: 'gateway', traceId: CALLER.trace, parentSpanId: CALLER.span });
    expect(request.attributes).toMatchObject({
      'tollgate.request_id': requestId,
      'tollgate.key_id': key.id,
      'tollgate.outcome': 'succeeded',
      'http.response.status_code': 200,
    });
    const attempt = receiver.spans.find(({ name }) => name === 'chat gpt-4o-mini')!;
    expect(attempt).toMatchObject({ traceId: CALLER.trace, parentSpanId: request.spanId });
    expect(attempt.attributes).toMatchObject({ 'gen_ai.provider.name': 'openai' });
    expect(Number(attempt.attributes['gen_ai.usage.output_tokens'])).toBe(3);
    expect(gateway.usage[0]!.traceparent).toBe(`00-${CALLER.trace}-${attempt.spanId}-01`);
  });

  it('tells a provider of it where that is configured, and no other', async () => {
    expect((await ask(gateway, key, 'gpt-4o')).status).toBe(200);
    expect(await headersAtProvider(gateway, 'gpt-4o')).toContain('traceparent');
    expect(await headersAtProvider(gateway, 'gpt-4o-mini')).not.toContain('traceparent');
  });

  it('sends none of a trace that its caller does not sample', async () => {
    const before = receiver.spans.length;
    const trace = 'f'.repeat(32);
    const answer = await ask(gateway, key, 'gpt-4o-mini', { traceparent: `00-${trace}-${CALLER.span}-00` });
    expect(answer.status).toBe(200);
    expect((await ask(gateway, key, 'gpt-4.1')).status).toBe(200);
    await eventually(() => expect(receiver.spans.length).toBeGreaterThan(before));
    expect(receiver.spans.filter(({ traceId }) => traceId === trace)).toEqual([]);
  });

  it('says of a refusal why, and nothing of prompts or secrets anywhere', async () => {
    const limited = await gateway.newKey({ limits: { ...key.state.limits, requests_per_minute: 1 } });
    await ask(gateway, limited, 'gpt-4o-mini');
    expect((await ask(gateway, limited, 'gpt-4o-mini')).status).toBe(429);
    await eventually(() => {
      const reasons = receiver.spans.map(({ attributes }) => attributes['tollgate.reason']);
      expect(reasons).toContain('requests_per_minute_reached');
    });
    const sent = JSON.stringify(receiver.spans);
    for (const secret of [key.token, limited.token, 'hi [[fake']) expect(sent).not.toContain(secret);
  });
});
