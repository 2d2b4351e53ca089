import { billedLines, parseStripeFile } from './stripe-file.ts';

const customer = { team_id: 'team_a', stripe_customer_id: 'cus_1', from: '2026-11-01T00:00:00Z' };
const meter = { event_name: 'cost', unit: 'micro_usd' };

it('makes a line of each customer and meter', () => {
  const file = parseStripeFile({
    customers: [customer, { ...customer, team_id: 'team_b' }],
    meters: [meter, { event_name: 'tokens', unit: 'token' }],
  });
  expect(billedLines(file).map(({ teamId, eventName }) => `${teamId} ${eventName}`)).toEqual([
    'team_a cost',
    'team_a tokens',
    'team_b cost',
    'team_b tokens',
  ]);
});

it.each<[string, object]>([
  [
    'customers.0.from: must be the beginning of an hour',
    { customers: [{ ...customer, from: '2026-11-01T00:30:00Z' }], meters: [] },
  ],
  ['customers.0.stripe_customer_id', { customers: [{ ...customer, stripe_customer_id: 'a b' }], meters: [] }],
  ['meters.0.unit: must be one of micro_usd', { customers: [], meters: [{ ...meter, unit: 'usd' }] }],
  ['customers: has team_a twice', { customers: [customer, customer], meters: [] }],
  ['meters: has cost twice', { customers: [], meters: [meter, meter] }],
  ['meter', { customers: [], meters: [], meter }],
])('names what is wrong: %s', (problem, content) => {
  expect(() => parseStripeFile(content)).toThrow(problem);
});
