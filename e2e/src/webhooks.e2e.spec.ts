import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { WebhookMessage } from '@tollgate/contracts/webhooks';
import { eventually } from '@tollgate/testing/eventually';
import { Webhook } from 'standardwebhooks';
import { chat, fake, System } from './system.ts';

const received: { headers: IncomingHttpHeaders; body: string }[] = [];
let receiver: Server;
let system: System;

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(204).end();
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  system = await System.start('webhooks', { env: { TOLLGATE_WEBHOOK_ALLOWED_HOSTS: '127.0.0.1' } });
});
afterAll(async () => {
  await system?.stop();
  receiver.close();
});

it('a key that reaches its limit through the gateway is told to the receiver, signed and once', async () => {
  const { port } = receiver.address() as AddressInfo;
  const { secret } = await system.admin.client.webhooks.create({
    body: { url: `http://127.0.0.1:${port}/limits`, events: ['limit.breached'] },
  });
  const { key, secret: token } = await system.admin.createKey({ limits: { tokens: 10 } });
  const ask = () =>
    system.client(token).chat.completions.create(chat(`hello ${fake({ completion_tokens: 20 })}`));
  await ask();
  await expect(ask()).rejects.toMatchObject({ status: 429 });
  await eventually(() => expect(received).toHaveLength(1));
  const [{ headers, body }] = received as [(typeof received)[number]];
  const message = new Webhook(secret).verify(body, headers as Record<string, string>) as WebhookMessage;
  expect(message).toMatchObject({
    type: 'limit.breached',
    data: {
      scope: 'key',
      scope_id: key.id,
      scope_name: key.name,
      dimension: 'tokens',
      limit: { cost_usd: null, tokens: 10 },
      blocked: ['tokens'],
    },
  });
});
