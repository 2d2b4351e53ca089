import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Answer } from './answer.ts';

let server: Server;
let respond: (answer: Answer) => void;
beforeAll(async () => {
  server = createServer((_, res: ServerResponse) => respond(new Answer(res, 'req_1')));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());

const ask = () => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);

it('sends its headers once each, as they were set last', async () => {
  respond = (answer) => {
    answer.set('retry-after', 1);
    answer.set('x-tollgate-max-tokens', 5);
    answer.set('retry-after', 7);
    answer.remove('x-tollgate-max-tokens');
    answer.remove('x-never-set');
    answer.json(429, { error: 'ä' });
  };
  const answer = await ask();
  expect(answer.status).toBe(429);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'x-request-id': 'req_1',
    'retry-after': '7',
    'content-type': 'application/json; charset=utf-8',
    'content-length': '14',
  });
  expect(answer.headers.has('x-tollgate-max-tokens')).toBe(false);
  expect(await answer.json()).toEqual({ error: 'ä' });
});

it('takes a value that reads like a name for a value', async () => {
  respond = (answer) => {
    answer.set('openai-version', 'content-length');
    answer.set('x-tollgate-upstream', 'openai-version');
    answer.remove('content-length');
    answer.end(200, Buffer.from('four'));
  };
  const { headers } = await ask();
  expect(headers.get('openai-version')).toBe('content-length');
  expect(headers.get('x-tollgate-upstream')).toBe('openai-version');
  expect(headers.get('content-length')).toBe('4');
});
