import { type Allowed, admit, type Standing, tightest } from './admit.ts';

const unlimited: Allowed = { costPicodollars: null, tokens: null, requestsPerMinute: null };
const used = { costPicodollars: 5n, tokens: 10, requests: 3 };
const standing = (allowed: Partial<Allowed>, overrides: Partial<Standing> = {}): Standing => ({
  allowed: { ...unlimited, ...allowed },
  used,
  inWindow: 3,
  ...overrides,
});

describe('admission under soft enforcement', () => {
  it('admits without limits, whatever was used', () => {
    expect(admit([standing({}, { inWindow: 1_000_000 })])).toBeNull();
    expect(admit([])).toBeNull();
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
    const scope = standing(limits);
    expect(admit([scope])).toEqual(refusal && { scope, ...refusal });
  });

  it('names the first of several reached limits: requests/min, then cost, then tokens', () => {
    const all: Allowed = { requestsPerMinute: 3, costPicodollars: 5n, tokens: 10 };
    expect(admit([standing(all)])?.dimension).toBe('requests_per_minute');
    expect(admit([standing(all, { inWindow: 2 })])?.dimension).toBe('cost_usd');
    expect(admit([standing({ ...all, costPicodollars: null }, { inWindow: 2 })])?.dimension).toBe('tokens');
  });

  it('looks at one dimension of key, team and organization before the next', () => {
    const key = standing({ tokens: 10 });
    const team = standing({ costPicodollars: 5n });
    const organization = standing({ requestsPerMinute: 3, costPicodollars: 5n });
    expect(admit([key, team, organization])).toMatchObject({
      scope: organization,
      dimension: 'requests_per_minute',
    });
    const quiet = standing({ requestsPerMinute: 4, costPicodollars: 5n });
    expect(admit([key, team, quiet])).toMatchObject({ scope: team, dimension: 'cost_usd' });
    expect(admit([key, standing({}), standing({ tokens: 10 })])).toMatchObject({
      scope: key,
      dimension: 'tokens',
    });
  });
});

it('of several scopes the one with least room is the tightest, of equals the first', () => {
  const [a, b, c] = [{ room: 10 }, { room: 5 }, { room: 5 }];
  const roomOf = ({ room }: { room: number | null }) => room;
  expect(tightest([a, { room: null }, b, c], roomOf)).toEqual({ scope: b, room: 5 });
  expect(tightest([{ room: null }], roomOf)).toBeNull();
});
