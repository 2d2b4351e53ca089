import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { newId } from '@tollgate/service-kit/ids';
import { newToken } from '@tollgate/service-kit/tokens';
import { atBest } from '@tollgate/testing/at-best';
import { type RawAnswer, sendRaw, trickleRaw } from './raw-http.ts';
import { RunningGateway, type SpecKey } from './running-gateway.ts';

const MAX_BODY_BYTES = 1_048_576;
const HEADERS_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 4_000;
const PROVIDER_CREDENTIAL = 'fake-provider-key';

interface Endpoint {
  readonly path: string;
  readonly model: string;
  readonly shape: 'openai' | 'anthropic';
}
const ENDPOINTS: readonly Endpoint[] = [
  { path: '/v1/chat/completions', model: 'gpt-4o-mini', shape: 'openai' },
  { path: '/v1/messages', model: 'claude-haiku-4-5', shape: 'anthropic' },
];

/** What a row is written with. */
interface Given extends Endpoint {
  readonly key: SpecKey;
}

interface Expected {
  /** Any of these; `null` is a connection closed without an answer. */
  readonly status: readonly (number | null)[];
  /** `null` where the HTTP server itself answers, before it is known who is asked. */
  readonly code: string | null;
  readonly param?: string;
  /** Whether the request reaches a provider, harmless as it is. */
  readonly forwarded?: boolean;
}
type Row = readonly [name: string, ask: (given: Given) => Buffer | string, expected: Expected];

const good = ({ model }: Endpoint, fields: object = {}) =>
  JSON.stringify({ model, max_tokens: 20, messages: [{ role: 'user', content: 'hello' }], ...fields });

/** A whole request that asks to close its connection. */
function http(
  { path, key }: Given,
  body: Buffer | string,
  options: { headers?: string[]; path?: string } = {},
) {
  const { headers = [], path: target = path } = options;
  const has = (name: string) => headers.some((header) => header.toLowerCase().startsWith(`${name}:`));
  const lines = [
    `POST ${target} HTTP/1.1`,
    'host: gateway',
    ...(has('authorization') ? [] : [`authorization: Bearer ${key.token}`]),
    ...(has('connection') ? [] : ['connection: close']),
    ...(has('transfer-encoding') || has('content-length')
      ? []
      : [`content-length: ${Buffer.byteLength(body)}`]),
    'content-type: application/json',
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)]);
}
const bearer = (token: string) => ({ headers: [`authorization: Bearer ${token}`] });
const chunked = (body: string) => `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
const withModel = (given: Given, json: string) => good(given).replace(JSON.stringify(given.model), json);
const nested = (given: Given, open: string, close: string) =>
  good(given).replace(/}$/, `,"x":${open.repeat(100_000)}1${close.repeat(100_000)}}`);

const BAD_FRAMING: Expected = { status: [400], code: null };
const NOBODY: Expected = { status: [401], code: 'invalid_api_key' };
const BAD_BODY: Expected = { status: [400], code: 'invalid_body' };
const NO_MODEL: Expected = { status: [404], code: 'model_not_found', param: 'model' };
const HARMLESS: Expected = { status: [200], code: null, forwarded: true };
const badField = (param: string): Expected => ({ ...BAD_BODY, param });

const FRAMING: Row[] = [
  [
    'both a Content-Length and a Transfer-Encoding',
    (given) => {
      const body = chunked(good(given));
      return http(given, body, { headers: [`content-length: ${body.length}`, 'transfer-encoding: chunked'] });
    },
    BAD_FRAMING,
  ],
  [
    'two lengths',
    (given) => http(given, good(given), { headers: ['content-length: 5', 'content-length: 50'] }),
    BAD_FRAMING,
  ],
  [
    'a transfer encoding that hides the length',
    (given) => http(given, chunked(good(given)), { headers: ['transfer-encoding: chunked, identity'] }),
    BAD_FRAMING,
  ],
  [
    'a chunk of a length that is none',
    (given) => http(given, 'zz\r\n{}\r\n0\r\n\r\n', { headers: ['transfer-encoding: chunked'] }),
    { status: [400, null], code: null },
  ],
  [
    'a second request, of nobody, behind a body that ends early',
    (given) => {
      const first = { headers: ['content-length: 2', 'connection: keep-alive'] };
      return Buffer.concat([http(given, '{}', first), http(given, good(given), bearer('smuggled'))]);
    },
    badField('model'),
  ],
];

const CREDENTIALS: Row[] = [
  [
    'two credentials, the right one first',
    (given) => {
      const headers = [`authorization: Bearer ${given.key.token}`, 'authorization: Bearer tg_other'];
      return http(given, good(given), { headers });
    },
    NOBODY,
  ],
  [
    'two credentials, the right one last',
    (given) => {
      const headers = ['authorization: Bearer tg_other', `Authorization: Bearer ${given.key.token}`];
      return http(given, good(given), { headers });
    },
    NOBODY,
  ],
  [
    'its key in the query',
    (given) => {
      const path = `${given.path}?api_key=${given.key.token}&key=${given.key.token}`;
      return http(given, good(given), { path, headers: ['authorization: Bearer'] });
    },
    NOBODY,
  ],
  [
    'a credential of a MiB',
    (given) => http(given, good(given), bearer('y'.repeat(1_048_576))),
    { status: [431, 400, 401], code: null },
  ],
  ['SQL for a credential', (given) => http(given, good(given), bearer("tg_'/**/OR/**/1=1;--")), NOBODY],
  [
    'a well-formed token of nobody',
    (given) => http(given, good(given), bearer(newToken('tg', newId('key')).token)),
    NOBODY,
  ],
  [
    "a well-formed token of a key with another's secret",
    (given) => http(given, good(given), bearer(newToken('tg', given.key.id).token)),
    NOBODY,
  ],
];

const BODIES: Row[] = [
  [
    'a compressed body',
    (given) => http(given, gzipSync(good(given)), { headers: ['content-encoding: gzip'] }),
    { status: [415], code: 'unsupported_encoding' },
  ],
  [
    'a body that says it is too large',
    (given) => http(given, good(given, { x: 'x'.repeat(MAX_BODY_BYTES) })),
    { status: [413], code: 'body_too_large' },
  ],
  [
    'a body that turns out to be too large',
    (given) => {
      const body = chunked(good(given, { x: 'x'.repeat(MAX_BODY_BYTES) }));
      return http(given, body, { headers: ['transfer-encoding: chunked'] });
    },
    { status: [413], code: 'body_too_large' },
  ],
  ['no body', (given) => http(given, ''), BAD_BODY],
  ['a body that is no object', (given) => http(given, `[${good(given)}]`), BAD_BODY],
  ['a body with more behind it', (given) => http(given, `${good(given)}{}`), BAD_BODY],
  ['arrays a hundred thousand deep', (given) => http(given, nested(given, '[', ']')), BAD_BODY],
  ['objects a hundred thousand deep', (given) => http(given, nested(given, '{"x":', '}')), BAD_BODY],
  [
    'bytes that are no UTF-8',
    (given) => http(given, Buffer.from(good(given).replace('hello', 'hell\u00ff'), 'latin1')),
    BAD_BODY,
  ],
  ['no model', (given) => http(given, '{"messages":[]}'), badField('model')],
  ['a model that is a number', (given) => http(given, withModel(given, '4')), badField('model')],
  [
    'two models',
    (given) => http(given, withModel(given, `"${given.model}","model":"o3"`)),
    badField('model'),
  ],
  [
    'two models, one with an escaped name',
    (given) => http(given, withModel(given, `"${given.model}","mod\\u0065l":"o3"`)),
    badField('model'),
  ],
  [
    'two output caps',
    (given) => http(given, good(given).replace(/}$/, ',"max_tokens":1000000}')),
    badField('max_tokens'),
  ],
  [
    'two words on whether to stream',
    (given) => http(given, good(given, { stream: false }).replace(/}$/, ',"stream":true}')),
    badField('stream'),
  ],
  [
    'a prototype to pollute',
    (given) => {
      const polluting =
        '"__proto__":{"model":"o3","stream":true},"constructor":{"prototype":{"max_tokens":1}},';
      return http(given, good(given).replace('{', `{${polluting}`));
    },
    HARMLESS,
  ],
];

const MODELS: Row[] = [
  ['a NUL in its model', (given) => http(given, withModel(given, `"${given.model}\\u0000"`)), NO_MODEL],
  [
    'a lone surrogate in its model',
    (given) => http(given, withModel(given, `"${given.model}\\ud800"`)),
    NO_MODEL,
  ],
  ['a path for a model', (given) => http(given, withModel(given, `"${given.model}/../../files"`)), NO_MODEL],
  [
    "a path behind a provider's name",
    (given) => http(given, withModel(given, `"${given.shape}/../files"`)),
    NO_MODEL,
  ],
  [
    'a header in its model',
    (given) => http(given, withModel(given, `"${given.model}\\r\\nx-evil: 1"`)),
    NO_MODEL,
  ],
];

/** The gateway answers what no client should send clearly, and is none the worse for it. */
describe('a bad request is answered as such, leaves nothing behind, and the next good one is served', () => {
  let gateway: RunningGateway;
  let key: SpecKey;

  beforeAll(async () => {
    gateway = await RunningGateway.start('bad-http', {
      TOLLGATE_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
      TOLLGATE_HEADERS_TIMEOUT_MS: String(HEADERS_TIMEOUT_MS),
      TOLLGATE_REQUEST_TIMEOUT_MS: String(REQUEST_TIMEOUT_MS),
    });
  });
  afterAll(() => gateway?.stop());
  beforeEach(async () => {
    key = await gateway.newHardKey();
    gateway.provider.clearLog();
  });

  const serveGood = async (endpoint: Endpoint) => {
    const answer = await sendRaw(gateway.port, http({ ...endpoint, key }, good(endpoint)));
    expect([answer.status, JSON.parse(answer.body).model]).toEqual([200, endpoint.model]);
  };

  /** One record for each attempt that reached the provider, with its tokens; no hold; the same process. */
  const nothingElse = async (attempts: number) => {
    const served = await gateway.provider.log({ wait: attempts });
    const records = await gateway.recorded(key.id, attempts);
    expect(new Map(records.map(({ id, tokens }) => [id, tokens]))).toEqual(
      new Map(served.map(({ request_id, reported_tokens }) => [request_id, reported_tokens])),
    );
    expect(served).toHaveLength(attempts);
    expect((await gateway.meterOf(key.token)).held).toEqual({ cost_usd: '0.00', tokens: 0 });
    expect(gateway.process.running).toBe(true);
  };

  const expectAnswer = (answer: RawAnswer, expected: Expected, { shape }: Endpoint) => {
    expect(expected.status).toContainEqual(answer.status);
    if (answer.status === null || answer.status < 400) return;
    const body = JSON.parse(answer.body) as { type?: string; error: { code: string; param: string | null } };
    expect(body.error).toMatchObject({ message: expect.any(String), type: expect.any(String) });
    if (expected.code === null) return;
    expect(body.error.code).toBe(expected.code);
    expect(body.error.param).toBe(expected.param ?? null);
    expect(body.type).toBe(shape === 'anthropic' ? 'error' : undefined);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  };

  describe.each(ENDPOINTS)('on $path:', (endpoint) => {
    it.each([...FRAMING, ...CREDENTIALS, ...BODIES, ...MODELS])('%s', async (_, ask, expected) => {
      const answer = await sendRaw(gateway.port, ask({ ...endpoint, key }));
      expectAnswer(answer, expected, endpoint);
      await serveGood(endpoint);
      await nothingElse(expected.forwarded ? 2 : 1);
    });

    it('headers of one byte a second', async () => {
      const { length } = http({ ...endpoint, key }, '');
      const rest = 'x'.repeat(length);
      await atBest(async () => {
        const started = performance.now();
        const answer = await trickleRaw(
          gateway.port,
          `POST ${endpoint.path} HTTP/1.1\r\nx-slow: `,
          rest,
          100,
        );
        expectAnswer(answer, { status: [408, null], code: null }, endpoint);
        expect(performance.now() - started).toBeLessThan(HEADERS_TIMEOUT_MS + 2_000);
      });
      await serveGood(endpoint);
      await nothingElse(1);
    });

    it('a body of one byte a second', async () => {
      const request = http({ ...endpoint, key }, good(endpoint)).toString();
      await atBest(async () => {
        const started = performance.now();
        const answer = await trickleRaw(gateway.port, request.slice(0, -60), request.slice(-60), 100);
        expectAnswer(answer, { status: [408, null], code: null }, endpoint);
        expect(performance.now() - started).toBeLessThan(REQUEST_TIMEOUT_MS + 2_000);
      });
      await serveGood(endpoint);
      await nothingElse(1);
    });

    it('addresses in its body, to which nothing is sent', async () => {
      let connections = 0;
      const decoy = createServer((socket) => {
        connections += 1;
        socket.destroy();
      }).listen(0, '127.0.0.1');
      await once(decoy, 'listening');
      const url = `http://127.0.0.1:${(decoy.address() as AddressInfo).port}`;
      const body = good(endpoint, { api_base: url, base_url: url, api_key: 'sk-mine', endpoint: url });
      const answer = await sendRaw(gateway.port, http({ ...endpoint, key }, body));
      expect(answer.status).toBe(200);
      await nothingElse(1);
      expect(connections).toBe(0);
      decoy.close();
    });

    it('headers that are for the gateway alone, none of which a provider sees', async () => {
      const headers = [
        'connection: authorization, x-api-key, x-request-id, close',
        'cookie: session=1',
        'forwarded: for=10.0.0.1',
        'proxy-authorization: Basic eDp5',
        'te: trailers',
        'x-forwarded-for: 10.0.0.1',
        'x-forwarded-host: evil',
        'x-forwarded-proto: http',
        'x-real-ip: 10.0.0.1',
        'x-request-id: mine',
      ];
      const answer = await sendRaw(gateway.port, http({ ...endpoint, key }, good(endpoint), { headers }));
      expect(answer.status).toBe(200);
      const [served] = await gateway.provider.log({ wait: 1 });
      const names = headers.map((header) => header.slice(0, header.indexOf(':')));
      const seen = served!.header_names.filter((name) => names.includes(name));
      expect(seen.filter((name) => name !== 'connection')).toEqual(['x-request-id']);
      expect(served!.request_id).toBe(`${answer.headers.get('x-request-id')}/1`);
      const credential = createHash('sha256').update(`Bearer ${PROVIDER_CREDENTIAL}`).digest('hex');
      expect(served!.authorization_sha256).toBe(endpoint.shape === 'openai' ? credential : null);
      const [record] = await gateway.recorded(key.id, 1);
      // Nobody has said that 127.0.0.1 is a proxy to be trusted.
      expect(record!.client_ip).toBe('127.0.0.1');
      await nothingElse(1);
    });
  });
});
