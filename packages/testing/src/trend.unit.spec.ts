import fc from 'fast-check';
import { trendOf } from './trend.ts';

const MINUTE = 60_000;
const line = (count: number, valueAt: (minute: number) => number) =>
  Array.from({ length: count }, (_, minute) => ({ atMs: minute * MINUTE, value: valueAt(minute) }));

describe('a trend', () => {
  it('is the growth of what grows evenly, in its span and in ten minutes', () => {
    expect(trendOf(line(21, (minute) => 100 + minute))).toEqual({
      median: 110,
      growth: 20,
      sharePer10Min: 10 / 110,
    });
  });

  it('is moved by no outliers, as long as they are less than a quarter, however far they lie', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(39), { maxLength: 9 }),
        fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        (outliers, far) => {
          const samples = line(40, (minute) => (outliers.includes(minute) ? far : 500 + minute));
          const { growth } = trendOf(samples);
          expect(growth / 39).toBeGreaterThan(0.5);
          expect(growth / 39).toBeLessThan(1.5);
        },
      ),
    );
  });

  it('is none where there is nothing to compare', () => {
    expect(trendOf(line(5, () => 0))).toEqual({ median: 0, growth: 0, sharePer10Min: 0 });
    expect(() => trendOf(line(2, () => 1))).toThrow(RangeError);
  });
});
