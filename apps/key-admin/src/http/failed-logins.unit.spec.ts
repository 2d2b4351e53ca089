import { FailedLogins, MAX_FAILED_LOGINS } from './failed-logins.ts';

describe('failed logins', () => {
  it('are let through 20 times a minute and address, then not until the minute is over', () => {
    const logins = new FailedLogins();
    for (let n = 0; n < MAX_FAILED_LOGINS; n++) expect(logins.note('10.0.0.1', 1_000 + n)).toBe(0);
    expect(logins.note('10.0.0.1', 31_000)).toBe(30);
    expect(logins.note('10.0.0.2', 31_000)).toBe(0);
    expect(logins.note('10.0.0.1', 60_999)).toBe(1);
    expect(logins.note('10.0.0.1', 61_000)).toBe(0);
  });

  it('take bounded memory, and none for long', () => {
    const logins = new FailedLogins();
    for (let n = 0; n < 50_000; n++) logins.note(`address ${n}`, 0);
    expect(logins.size).toBe(10_000);
    logins.note('later', 60_000);
    expect(logins.size).toBe(1);
  });
});
