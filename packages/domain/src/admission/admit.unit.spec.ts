import { type Allowed, admit } from './admit.ts';

const unlimited: Allowed = { costPicodollars: null, tokens: null, requestsPerMinute: null };
const used = { costPicodollars: 5n, tokens: 10, requests: 3 };

describe('admission under soft enforcement', () => {
  it('admits without limits, whatever was used', () => {
    expect(admit(unlimited, used, 1_000_000)).toBeNull();
  });

  it.each([
    ['requests per minute', { requestsPerMinute: 4 }, null],
    [
      'requests per minute',
      { requestsPerMinute: 3 },
      { dimension: 'requests_per_minute', limit: 3, used: 3 },
    ],
    ['cost', { costPicodollars: 6n }, null],
    ['cost', { costPicodollars: 5n }, { dimension: 'cost_usd', limit: 5n, used: 5n }],
    ['tokens', { tokens: 11 }, null],
    ['tokens', { tokens: 10 }, { dimension: 'tokens', limit: 10, used: 10 }],
  ])('refuses on %s exactly when used ≥ limit: %p', (_, limits, refusal) => {
    expect(admit({ ...unlimited, ...limits }, used, 3)).toEqual(refusal);
  });

  it('names the first of several reached limits: requests/min, then cost, then tokens', () => {
    const all: Allowed = { requestsPerMinute: 3, costPicodollars: 5n, tokens: 10 };
    expect(admit(all, used, 3)?.dimension).toBe('requests_per_minute');
    expect(admit(all, used, 2)?.dimension).toBe('cost_usd');
    expect(admit({ ...all, costPicodollars: null }, used, 2)?.dimension).toBe('tokens');
  });
});
