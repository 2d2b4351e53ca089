import { Denials, MAX_ROWS, MAX_ROWS_WITH_OVERFLOW } from './denials.ts';

const MINUTE = '2026-11-23T12:00:00.000Z';
const START = Date.parse(MINUTE);

describe('refusals', () => {
  it('are counted per key, reason, minute and address', () => {
    const denials = new Denials();
    denials.count('key_1', 'cost_limit_reached', '10.0.0.1', START);
    denials.count('key_1', 'cost_limit_reached', '10.0.0.1', START + 59_999);
    denials.count('key_1', 'token_limit_reached', '10.0.0.1', START);
    denials.count('key_1', 'cost_limit_reached', '10.0.0.2', START);
    denials.count(null, 'invalid_api_key', null, START);
    const row = {
      key_id: 'key_1',
      reason: 'cost_limit_reached',
      minute: MINUTE,
      count: 1,
      client_ip: '10.0.0.1',
    };
    expect(denials.takeAll()).toEqual([
      { ...row, count: 2 },
      { ...row, reason: 'token_limit_reached' },
      { ...row, client_ip: '10.0.0.2' },
      { ...row, key_id: null, reason: 'invalid_api_key', client_ip: null },
    ]);
  });

  it('are taken once, when their minute is over', () => {
    const denials = new Denials();
    denials.count('key_1', 'key_disabled', null, START);
    denials.count('key_1', 'key_disabled', null, START + 60_000);
    expect(denials.takeEnded(START + 59_999)).toEqual([]);
    expect(denials.takeEnded(START + 60_000)).toMatchObject([{ minute: MINUTE }]);
    expect(denials.takeEnded(START + 60_000)).toEqual([]);
    expect(denials.takeAll()).toHaveLength(1);
    expect(denials.size).toBe(0);
  });

  it('take bounded memory: beyond it they lose their address, then their key, and are still counted', () => {
    const denials = new Denials();
    const total = 50_000;
    for (let n = 0; n < MAX_ROWS; n += 1) denials.count('key_1', 'ip_not_allowed', `address ${n}`, START);
    denials.count('key_1', 'ip_not_allowed', 'address 0', START);
    denials.count('key_1', 'ip_not_allowed', 'another address', START);
    expect(denials.size).toBe(MAX_ROWS + 1);
    for (let n = MAX_ROWS + 2; n < total; n += 1)
      denials.count(`key ${n}`, 'ip_not_allowed', '10.0.0.1', START);
    expect(denials.size).toBe(MAX_ROWS_WITH_OVERFLOW + 1);
    const rows = denials.takeAll();
    expect(rows[0]).toMatchObject({ client_ip: 'address 0', count: 2 });
    expect(rows[MAX_ROWS]).toMatchObject({ key_id: 'key_1', client_ip: null, count: 1 });
    expect(rows.at(-1)).toMatchObject({ key_id: null, client_ip: null });
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  });
});
