import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdminClient } from './client.ts';
import { LiveStream, type StreamEvent, type StreamState } from './live-stream.ts';

let server: Server;
let stream: LiveStream;
const events: StreamEvent[] = [];
const states: StreamState[] = [];
const asked: { url: string | undefined; lastEventId: string | string[] | undefined }[] = [];
/** Resolves with the next request's answer, to be written by the spec. */
const request = async (): Promise<ServerResponse> => {
  const [{ url, headers }, out] = (await once(server, 'request')) as [IncomingMessage, ServerResponse];
  asked.push({ url, lastEventId: headers['last-event-id'] });
  return out;
};
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

beforeEach(async () => {
  for (const list of [events, states, asked]) list.length = 0;
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  stream = new LiveStream(createAdminClient({ baseUrl }), {
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
  });
});
afterEach(async () => {
  stream.pause();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it('goes on where it was, after a cut and when it watches something else', async () => {
  stream.watch(['key_1', 'team_1']);
  const first = request();
  stream.resume();
  const out = await first;
  out.writeHead(200, { 'content-type': 'text/event-stream' });
  const bytes = Buffer.from(
    ':\n\nid: 1\nevent: hello\ndata: {}\n\nid: 2\nevent: changed\ndata: {"id":"ü"}\n\n',
  );
  // In pieces that end amid an event, and amid a character.
  for (const cut of [[0, 9], [9, -6], [-6]]) {
    out.write(bytes.subarray(...cut));
    await new Promise((resolve) => setImmediate(resolve));
  }
  out.write('event: of tomorrow\ndata: {}\n\n');
  await until(() => events.length === 2);
  expect(events).toEqual([
    { event: 'hello', data: {} },
    { event: 'changed', data: { id: 'ü' } },
  ]);
  const second = request();
  out.end();
  const third = second.then((again) => {
    again.writeHead(200).write('event: hello\ndata: {}\n\n');
    return request();
  });
  await until(() => events.length === 3);
  stream.watch(['key_2']);
  await third;
  expect(asked).toEqual([
    { url: '/v1/stream?watch=key_1%2Cteam_1', lastEventId: undefined },
    { url: '/v1/stream?watch=key_1%2Cteam_1', lastEventId: '2' },
    { url: '/v1/stream?watch=key_2', lastEventId: '2' },
  ]);
  expect(states).toEqual(['connecting', 'open', 'waiting', 'connecting', 'open', 'connecting']);
});

it('stops where it is signed out, until it is resumed', async () => {
  const first = request();
  stream.resume();
  const error = {
    message: 'The session has ended: sign in again.',
    type: 't',
    code: 'invalid_admin_key',
    param: null,
  };
  (await first).writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error }));
  await until(() => states.at(-1) === 'refused');
  const again = request();
  stream.resume();
  await again;
  expect(asked).toHaveLength(2);
});
