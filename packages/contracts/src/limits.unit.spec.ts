import { limitsInput } from './limits.ts';

const problem = (value: unknown) => limitsInput.safeParse(value).error?.issues[0]?.path.join('.');

describe('limits as an administrator sends them', () => {
  it.each([
    [{}],
    [{ cost_usd: '12.50', tokens: 1, requests_per_minute: 1_000_000 }],
    [{ cost_usd: null, tokens: null, requests_per_minute: null }],
    [{ reset_period: 'weekly', timezone: 'Asia/Kathmandu', enforcement: 'hard' }],
  ])('may be %j', (value) => {
    expect(limitsInput.safeParse(value).success).toBe(true);
  });

  it.each([
    ['cost_usd', { cost_usd: 0 }],
    ['cost_usd', { cost_usd: '-1' }],
    ['cost_usd', { cost_usd: Number.NaN }],
    ['tokens', { tokens: 0 }],
    ['tokens', { tokens: 1.5 }],
    ['tokens', { tokens: '10' }],
    ['requests_per_minute', { requests_per_minute: 0 }],
    ['requests_per_minute', { requests_per_minute: 1_000_001 }],
    ['reset_period', { reset_period: 'hourly' }],
    ['timezone', { timezone: 'Mars/Olympus' }],
    ['timezone', { timezone: '+02:00' }],
    ['enforcement', { enforcement: 'maybe' }],
  ])('name %s in what is wrong with %j', (field, value) => {
    expect(problem(value)).toBe(field);
  });

  it('may not have fields that do not exist', () => {
    expect(limitsInput.safeParse({ token: 5 }).error?.issues[0]?.code).toBe('unrecognized_keys');
  });
});
