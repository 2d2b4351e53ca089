import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { MOST_WAITING_BYTES, Stream } from './stream.ts';

const admin = { id: 'adm_spec', name: 'spec', prefix: '', role: 'viewer' as const, team_id: null };

it('ends a reader that does not read, before much waits for it, and tells one that reads everything', async () => {
  const streams: { stream: Stream; out: ServerResponse }[] = [];
  const server = createServer((_, out) => {
    streams.push({ stream: new Stream({ admin, session: null }, [], out), out });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const open = async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: spec\r\n\r\n');
    await once(server, 'request');
    return { socket, ...streams.at(-1)! };
  };
  const slow = await open();
  slow.socket.pause();
  const ready = await open();
  let read = 0;
  ready.socket.on('data', (bytes) => {
    read += bytes.length;
  });
  const data = { text: 'x'.repeat(10_000) };
  let mostWaiting = 0;
  let sent = 0;
  for (; !slow.out.destroyed && sent < 10_000; sent += 1) {
    for (const { stream } of [slow, ready]) stream.send('changed', data);
    mostWaiting = Math.max(mostWaiting, slow.out.writableLength);
    await setImmediate();
  }
  expect(slow.out.destroyed).toBe(true);
  expect(mostWaiting).toBeLessThan(MOST_WAITING_BYTES + 20_000);
  ready.stream.end();
  await once(ready.out, 'close');
  expect(read).toBeGreaterThan(sent * 10_000);
  for (const { socket } of [slow, ready]) socket.destroy();
  server.close();
});
