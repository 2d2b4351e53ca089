import { brokerAccess } from './broker-access.ts';

const CLEAR = { KAFKA_SSL: false };
const NAMED = { KAFKA_SASL_USERNAME: 'gateway', KAFKA_SASL_PASSWORD: 'word' };

it('reaches the broker in the clear and without a name unless it is told otherwise', () => {
  expect(brokerAccess(CLEAR)).toEqual({});
});

it('trusts the authorities of the system, or those it is given', () => {
  expect(brokerAccess({ KAFKA_SSL: true })).toEqual({ ssl: {} });
  expect(brokerAccess({ KAFKA_SSL: true, KAFKA_SSL_CA: 'ca' })).toEqual({ ssl: { ca: 'ca' } });
});

it.each([
  ['a certificate without TLS', { ...CLEAR, KAFKA_SSL_CA: 'ca' }, 'KAFKA_SSL=true'],
  ['a certificate without its key', { KAFKA_SSL: true, KAFKA_SSL_CERT: 'cert' }, 'set both'],
  ['a name without a mechanism', { ...CLEAR, ...NAMED }, 'set all'],
  [
    'a password in the clear',
    { ...CLEAR, ...NAMED, KAFKA_SASL_MECHANISM: 'plain' as const },
    'sends the password as it is',
  ],
])('refuses %s', (_, config, message) => {
  expect(() => brokerAccess(config)).toThrow(message);
});
