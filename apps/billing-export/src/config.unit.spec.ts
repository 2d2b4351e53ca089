import { readBillingConfig } from './config.ts';

const env = {
  KAFKA_BROKERS: 'localhost:9092',
  DATABASE_URL: 'postgres://localhost/billing',
  TOLLGATE_INTERNAL_TOKEN: 'x'.repeat(32),
};

it('sends nothing unless both a key and the word are given', () => {
  expect(readBillingConfig(env).sending).toBeNull();
  expect(readBillingConfig({ ...env, STRIPE_API_KEY: 'sk_1' }).sending).toBeNull();
  expect(() => readBillingConfig({ ...env, BILLING_STRIPE_SEND: 'true' })).toThrow('needs STRIPE_API_KEY');
  const on = { ...env, STRIPE_API_KEY: 'sk_1', BILLING_STRIPE_SEND: 'true' };
  expect(readBillingConfig(on).sending).toEqual({ apiKey: 'sk_1', base: 'https://api.stripe.com' });
});

it.each([
  'http://api.stripe.com',
  'https://user@stripe.com',
  'https://a.b/path',
  'ftp://a',
  'http://127.0.0.1.evil.com',
])('never gives the key to %s', (STRIPE_API_BASE) => {
  expect(() => readBillingConfig({ ...env, STRIPE_API_BASE })).toThrow('STRIPE_API_BASE');
});

it('takes loopback without TLS, for a stand-in', () => {
  const base = 'http://127.0.0.1:9';
  expect(readBillingConfig({ ...env, STRIPE_API_BASE: base }).STRIPE_API_BASE).toBe(base);
});

it('has no customers until they are named', () => {
  expect(readBillingConfig(env).stripe.customers).toEqual([]);
  expect(() => readBillingConfig({ ...env, BILLING_STRIPE_FILE: '/nowhere.json' })).toThrow(
    'BILLING_STRIPE_FILE',
  );
});
