import { readFileSync } from 'node:fs';
import { createWebhookBody, limitMessage, replaceWebhooksBody, webhookMessage } from './webhooks.ts';

const golden = (name: string): object =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.v1.json`, import.meta.url), 'utf8'));

it.each(['warned', 'breached', 'reset'])('a message of limit.%s carries all of its event', (kind) => {
  const data = { ...golden(`tollgate.limit.${kind}`), scope_name: 'batch' };
  const message = { type: `limit.${kind}`, timestamp: '2026-11-23T12:00:00.000Z', data };
  expect(webhookMessage.parse(message)).toEqual(message);
  expect(limitMessage.safeParse({ ...message, data: { ...data, scope: 'galaxy' } }).success).toBe(false);
});

const ID = 'whk_0CqM4eKBzTWmVxPo3nYd8a';
it.each([
  ['an id twice', [0, 1].map(() => ({ id: ID, url: 'https://a.example' }))],
  ['21 entries', Array(21).fill({ url: 'https://a.example' })],
  ['a field that nobody knows', [{ url: 'https://a.example', secret: 'x' }]],
  ['an id of something else', [{ id: 'key_0CqM4eKBzTWmVxPo3nYd8a', url: 'https://a.example' }]],
])('a list with %s is refused', (_, list) => {
  expect(replaceWebhooksBody.safeParse(list).success).toBe(false);
});

it('an address has at most 2048 characters', () => {
  const url = `https://a.example/${'x'.repeat(2_030)}`;
  expect(createWebhookBody.safeParse({ url }).success).toBe(true);
  expect(createWebhookBody.safeParse({ url: `${url}x` }).success).toBe(false);
});
