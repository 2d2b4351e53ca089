// Takes Tollgate's webhooks: WEBHOOK_SECRET=whsec_… PORT=4020 node docs/examples/webhook-receiver.mjs
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const { WEBHOOK_SECRET, PORT = 4020 } = process.env;
const webhook = new Webhook(WEBHOOK_SECRET);
const seen = new Set(); // In a database of yours: a delivery may come twice, and is known by its id.
const server = createServer(async (request, response) => {
  const body = await text(request);
  try {
    const { type, data } = webhook.verify(body, request.headers); // Throws unless it is genuine and of now.
    const isNew = !seen.has(request.headers['webhook-id']) && seen.add(request.headers['webhook-id']);
    if (isNew) process.stdout.write(`${type} ${JSON.stringify(data)}\n`);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
});
server.listen(PORT, () => process.stdout.write('listening\n'));
