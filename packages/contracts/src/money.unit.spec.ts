import fc from 'fast-check';
import { formatUsd, parseUsd, usdInput } from './money.ts';

describe('money', () => {
  it.each([
    ['0', '0.00'],
    ['12.5', '12.50'],
    ['0.000000000001', '0.000000000001'],
    ['-3.100', '-3.10'],
    ['9007199254740993.25', '9007199254740993.25'],
  ])('%s is written as %s', (text, written) => {
    expect(formatUsd(parseUsd(text))).toBe(written);
  });

  it('survives being written and read, for any amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 29n), max: 10n ** 29n }), (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  it.each(['', '1.', '.5', '1e3', 'NaN', '0x10', '1,5', '0.0000000000001', ' 1'])(
    '%j is no amount',
    (text) => {
      expect(() => parseUsd(text)).toThrow(RangeError);
    },
  );

  it.each([
    [0.1, '0.10'],
    [1e-7, '0.0000001'],
    [2.5e-9, '0.0000000025'],
    ['7', '7.00'],
  ])('takes %p from people as %s', (given, normal) => {
    expect(usdInput.parse(given)).toBe(normal);
  });

  it.each([1e21, 1e-13, Number.NaN, true, null, 'ten'])('does not take %p from people', (given) => {
    expect(usdInput.safeParse(given).success).toBe(false);
  });
});
