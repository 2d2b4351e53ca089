import { Writable } from 'node:stream';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { register } from 'prom-client';
import { watchApiRequests } from './api-requests.ts';
import { fastifyAdapter } from './bootstrap.ts';
import { createLogger } from './log.ts';
import { ErrorFilter } from './nest-errors.ts';

const lines: Record<string, unknown>[] = [];
const logger = createLogger(
  'spec',
  'trace',
  new Writable({
    write(chunk: Buffer, _, done) {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  }),
);

@Controller()
class Speaking {
  @Post('speak')
  async speak() {
    await new Promise((resolve) => setImmediate(resolve));
    logger.info('in the course of a request');
    return {};
  }

  @Get('fail')
  fail(): never {
    throw Object.assign(new Error('no such table'), {
      code: '42P01',
      query: 'insert into keys',
      parameters: ['whsec_secret'],
      cause: Object.assign(new Error('cause'), { body: 'a prompt' }),
    });
  }
}

@Module({ controllers: [Speaking] })
class SpeakingModule {}

const apps: NestFastifyApplication[] = [];
async function start(inLog?: boolean): Promise<string> {
  const app = await NestFactory.create<NestFastifyApplication>(SpeakingModule, fastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  apps.push(app);
  watchApiRequests(app.getHttpAdapter().getInstance(), inLog);
  app.useGlobalFilters(new ErrorFilter(logger));
  await app.listen(0, '127.0.0.1');
  return app.getUrl();
}

let url: string;
beforeAll(async () => {
  url = await start();
});
const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(url + path, { method, headers });
  return { status: answer.status, requestId: answer.headers.get('x-request-id') };
};
beforeEach(() => void lines.splice(0));
afterAll(async () => {
  for (const app of apps) await app.close();
  register.clear();
});

it('gives every line of a request its id, which the answer has too', async () => {
  const { requestId } = await ask('POST', '/speak');
  expect(requestId).toMatch(/^req_/);
  expect(lines).toMatchObject([{ request_id: requestId, service: 'spec' }]);
  logger.info('outside of any request');
  expect(lines[1]).not.toHaveProperty('request_id');
});

it('takes the id that another service gives a request, and none that is no id', async () => {
  const idOf = async (given: string) => (await ask('POST', '/speak', { 'x-request-id': given })).requestId;
  expect(await idOf('req_0123')).toBe('req_0123');
  expect(await idOf('"} forged {"')).toMatch(/^req_/);
});

it('says of an error what it is and where, and nothing of what it was about', async () => {
  const { status, requestId } = await ask('GET', '/fail?token=secret');
  expect(status).toBe(500);
  expect(lines).toMatchObject([
    {
      request_id: requestId,
      path: '/fail',
      err: {
        message: 'no such table',
        code: '42P01',
        stack: expect.any(String),
        cause: { message: 'cause' },
      },
    },
  ]);
  const said = JSON.stringify(lines);
  for (const secret of ['whsec_secret', 'insert into', 'a prompt', 'token=secret'])
    expect(said).not.toContain(secret);
});

it('redacts fields that bear secrets, wherever they turn up', () => {
  logger.info({
    secret: 's3cret',
    headers: { authorization: 's3cret', 'x-api-key': 's3cret' },
    a: { b: { token: 's3cret' } },
  });
  expect(JSON.stringify(lines)).not.toContain('s3cret');
  expect(JSON.stringify(lines).split('[redacted]')).toHaveLength(5);
});

it('counts requests by their routes, and not those of machines', async () => {
  const text = await register.metrics();
  expect(text).toMatch(/^tollgate_api_requests_total\{route="\/fail",method="GET",status="5xx"\} 1$/m);
  expect(text).toMatch(/^tollgate_api_request_seconds_count\{method="POST"\} [1-9]/m);
});

it('gives the id to the answer and to lines of errors alone where nothing is to be followed', async () => {
  // Its counters have the names of the other's.
  register.clear();
  url = await start(false);
  await ask('POST', '/speak');
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toHaveProperty('request_id');
  const { requestId } = await ask('GET', '/fail');
  expect(requestId).toMatch(/^req_/);
  expect(lines[1]).toMatchObject({ request_id: requestId, path: '/fail' });
});
