import fc from 'fast-check';
import { type DayFigures, modelKey, reconcile } from './reconcile.ts';

const day = (model: string, figures: DayFigures['figures'], on = '2026-11-23'): DayFigures => ({
  day: on,
  model,
  figures,
});

describe('reconciling with a provider', () => {
  it('finds equal what both tell alike, however often a day and model is told', () => {
    const theirs = [day('gpt-4o-2024-08-06', { input: 7n }), day('gpt-4o-2024-08-06', { input: 3n })];
    const { days } = reconcile(theirs, [day('gpt-4o', { input: 10n, output: 4n })], 0);
    expect(days).toMatchObject([{ model: 'gpt-4o-2024-08-06', difference: { input: 0n }, differs: false }]);
  });

  it('compares only what the provider tells', () => {
    const { days } = reconcile([day('m', { cost: 5n })], [day('m', { cost: 5n, requests: 9n })], 0);
    expect(days[0]!.ours).toEqual({ cost: 5n });
  });

  it('names what only one of them has', () => {
    const { days, total } = reconcile(
      [day('a', { input: 4n })],
      [day('b', { input: 1n }), day('a', { input: 4n }, '2026-11-24')],
      0,
    );
    expect(days.map(({ day: on, model, difference }) => [on, model, difference.input])).toEqual([
      ['2026-11-23', 'a', 4n],
      ['2026-11-23', 'b', -1n],
      ['2026-11-24', 'a', -4n],
    ]);
    expect(total.difference).toEqual({ input: -1n });
  });

  it('lets figures be apart by the tolerance, and no further', () => {
    const differs = (theirs: bigint, ours: bigint, basisPoints: number) =>
      reconcile([day('m', { cost: theirs })], [day('m', { cost: ours })], basisPoints).days[0]!.differs;
    expect(differs(10_000n, 9_900n, 100)).toBe(false);
    expect(differs(10_000n, 9_899n, 100)).toBe(true);
    expect(differs(-10_000n, -9_899n, 100)).toBe(true);
    expect(differs(0n, 0n, 0)).toBe(false);
  });

  it('takes names of one model for one', () => {
    expect(modelKey('Claude Haiku 4.5')).toBe(modelKey('claude-haiku-4-5-20251001'));
    expect(modelKey('Claude 3.5 Sonnet 2024-10-22')).toBe(modelKey('claude-3-5-sonnet-20241022'));
    expect(modelKey('gpt-4o-mini')).not.toBe(modelKey('gpt-4o'));
  });

  it('adds up: the differences of the days are the difference of the whole', () => {
    const figures = fc.array(
      fc.record({
        day: fc.constantFrom('2026-11-23', '2026-11-24'),
        model: fc.constantFrom('a', 'b', 'A'),
        figures: fc.record({ input: fc.bigInt({ min: 0n, max: 10n ** 20n }) }),
      }),
    );
    fc.assert(
      fc.property(figures, figures, (theirs, ours) => {
        const { days, total } = reconcile(theirs, ours, 0);
        const sum = days.reduce((all, { difference }) => all + (difference.input ?? 0n), 0n);
        expect(sum).toBe(total.difference.input ?? 0n);
      }),
    );
  });
});
