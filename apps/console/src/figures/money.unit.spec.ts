import { percentOfUsd, usd, usdExact, usdLimit, usdShort } from './money.ts';

it.each([
  ['0.00', '$0.00'],
  ['12.5', '$12.50'],
  ['1234567.891', '$1,234,567.89'],
  ['0.999', '$0.999'],
  ['0.9999', '$1.00'],
  ['0.000125', '$0.000125'],
  ['0.0812345', '$0.0812'],
  ['0.000000000001', '$0.000000000001'],
  ['-0.5', '−$0.50'],
  ['999999999999999999.99', '$999,999,999,999,999,999.99'],
])('shows %s with the digits that matter', (text, shown) => {
  expect(usd(text)).toBe(shown);
});

it.each([
  ['9999.99', '$9,999.99'],
  ['15500.00', '$15.5K'],
  ['1234567.89', '$1.23M'],
  ['2500000000', '$2.5B'],
  ['999999999999999999.99', '$1,000,000T'],
])('shows %s shortly where there is little room', (text, shown) => {
  expect(usdShort(text)).toBe(shown);
});

it('leaves the cents of a limit in whole dollars away', () => {
  expect([usdLimit('50.00'), usdLimit('12.5'), usdLimit('0.00')]).toEqual(['$50', '$12.50', '$0']);
});

it('shows every digit of a sum that no float holds', () => {
  expect(usdExact('900719925474099.300000000001')).toBe('$900,719,925,474,099.300000000001');
});

it('tells how much of a limit is used, also far beyond it', () => {
  expect(percentOfUsd('0.80', '1.00')).toBe(80);
  expect(percentOfUsd('12.345', '100')).toBe(12.34);
  expect(percentOfUsd('250', '1')).toBe(25_000);
});
