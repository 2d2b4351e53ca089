import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Balancer, startBalancer } from './balancer.ts';

let server: Server;
let balancer: Balancer;

beforeAll(async () => {
  server = createServer({ keepAliveTimeout: 7_000 }, (_, response) => void response.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  balancer = await startBalancer();
  balancer.serve([`http://127.0.0.1:${(server.address() as AddressInfo).port}`]);
  await balancer.look();
});
afterAll(async () => {
  await balancer.stop();
  server.closeAllConnections();
  server.close();
});

it('says how long its own connections last, not those to its servers', async () => {
  const answer = await fetch(balancer.url);
  expect([answer.status, answer.headers.get('keep-alive')]).toEqual([200, 'timeout=600']);
});
