import fc from 'fast-check';
import { beyond, cellNeeds, fewestCells } from './deployment.ts';
import { simulateFold } from './fold-simulation.ts';
import { MEASURED } from './unit-costs.ts';

const FOLD = { transactionMs: 3, recordMs: 0.055, mostRecords: 5_000 };
const demand = (requestsPerSecond: number, keys: number, regions = 1) => ({
  requestsPerSecond,
  keys,
  busyKeys: Math.min(keys / 100, requestsPerSecond * 2),
  regions,
});

describe('a deployment', () => {
  it('of a company is one cell, bounded by nothing', () => {
    expect(fewestCells(MEASURED, demand(5_000, 100_000))).toEqual({ cells: 1, because: null });
  });

  it('of a million requests a second is cut by what one fold can do', () => {
    const { cells, because } = fewestCells(MEASURED, demand(1_000_000, 1_000_000));
    expect([because, cells >= 1_000_000 / MEASURED.recordsFoldedPerSecond]).toEqual(['foldUse', true]);
  });

  it('of a hundred million keys is cut by what a gateway can know', () => {
    const { because } = fewestCells(MEASURED, demand(10_000, 100_000_000));
    expect(['gatewayStartSeconds', 'gatewayMemoryGiB']).toContain(because);
  });

  it('is within all bounds at the number of cells that it is told, and a cell needs no more with more cells', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 100_000_000 }),
        fc.integer({ min: 1, max: 5 }),
        (requests, keys, regions) => {
          const asked = demand(requests, keys, regions);
          const { cells } = fewestCells(MEASURED, asked);
          expect(cells).toBeGreaterThanOrEqual(regions);
          expect(beyond(cellNeeds(MEASURED, asked, { cells }))).toEqual([]);
          const [some, more] = [cells, cells * 2].map((count) =>
            cellNeeds(MEASURED, asked, { cells: count }),
          );
          for (const name of ['foldUse', 'gatewayMemoryGiB', 'metersOutMBPerSecond'] as const)
            expect(more![name]).toBeLessThanOrEqual(some![name]);
        },
      ),
    );
  });
});

describe('the fold', () => {
  it('makes larger transactions of more load, and hardly later ones, until it can do no more', () => {
    const [idle, busy, most] = [100, 10_000, 17_000].map((rate) => simulateFold(FOLD, rate, 20_000));
    expect(idle!.recordsPerTransaction).toBeLessThan(2);
    expect(busy!.recordsPerTransaction).toBeGreaterThan(20);
    expect([idle!.p99Ms < 5, busy!.p99Ms < 20, most!.waiting < 5_000]).toEqual([true, true, true]);
    const tooMuch = simulateFold(FOLD, 25_000, 20_000);
    expect(tooMuch.waiting).toBeGreaterThan(50_000);
  });

  it('catches up after a stall in a time that its spare room decides', () => {
    const stall = { atMs: 5_000, forMs: 5_000 };
    const half = simulateFold(FOLD, 9_000, 20_000, stall);
    const full = simulateFold(FOLD, 16_000, 20_000, stall);
    expect([half.waiting < 1_000, full.waiting > 10_000]).toEqual([true, true]);
    expect(half.maxMs).toBeLessThan(6_000);
  });
});
