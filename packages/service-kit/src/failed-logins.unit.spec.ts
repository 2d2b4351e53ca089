import { FailedLogins, MAX_FAILED_LOGINS } from './failed-logins.ts';

describe('failed logins', () => {
  it('are let through 20 times a minute and address, then not until the minute is over', () => {
    const logins = new FailedLogins();
    for (let n = 0; n < MAX_FAILED_LOGINS; n++) expect(logins.note('10.0.0.1', null, 1_000 + n)).toBe(0);
    expect(logins.note('10.0.0.1', null, 31_000)).toBe(30);
    expect(logins.note('10.0.0.2', null, 31_000)).toBe(0);
    expect(logins.note('10.0.0.1', null, 60_999)).toBe(1);
    expect(logins.note('10.0.0.1', null, 61_000)).toBe(0);
  });

  it('are let through 20 times a minute and key, from wherever they come', () => {
    const logins = new FailedLogins();
    for (let n = 0; n < MAX_FAILED_LOGINS; n++) expect(logins.note(`10.0.0.${n}`, 'key_1', 0)).toBe(0);
    expect(logins.note('10.1.0.1', 'key_1', 0)).toBe(60);
    expect(logins.note(null, 'key_1', 0)).toBe(60);
    expect(logins.note('10.1.0.1', 'key_2', 0)).toBe(0);
  });

  it.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8::1', '2001:db8:0:0:5::1', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['1::', '1:0:0:1::', false],
  ])('from %s and %s are counted together: %p', (one, other, together) => {
    const logins = new FailedLogins();
    for (let n = 0; n < MAX_FAILED_LOGINS; n++) logins.note(one, null, 0);
    expect(logins.note(other, null, 0) > 0).toBe(together);
  });

  it('take bounded memory, and none for long', () => {
    const logins = new FailedLogins();
    for (let n = 0; n < 50_000; n++) logins.note(`address ${n}`, `key ${n}`, 0);
    expect(logins.size).toBe(10_000);
    logins.note('later', null, 60_000);
    expect(logins.size).toBe(1);
  });
});
