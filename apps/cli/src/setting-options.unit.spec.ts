import { Complaint } from './context.ts';
import { limitsOf } from './setting-options.ts';

describe('limits on the command line', () => {
  it('are those that are given, and "null" lifts one', () => {
    expect(limitsOf({})).toEqual({});
    expect(limitsOf({ costUsd: '12.50', tokens: 'null', requestsPerMinute: '60', timezone: 'UTC' })).toEqual({
      limits: { cost_usd: '12.50', tokens: null, requests_per_minute: 60, timezone: 'UTC' },
    });
  });

  it.each(['10k', '', '-1', '1.5', '1e3', 'NULL'])('that are no number lift no limit: "%s"', (text) => {
    expect(() => limitsOf({ tokens: text })).toThrow(Complaint);
    expect(() => limitsOf({ requestsPerMinute: text })).toThrow(
      '--requests-per-minute must be a whole number',
    );
  });
});
