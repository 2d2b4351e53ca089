import { World } from './world.ts';

/** More of them: `ALLOWANCE_SEEDS=100000`, or one that failed: `ALLOWANCE_SEED=17`. */
const SEEDS = Number(process.env['ALLOWANCE_SEEDS'] ?? 2_000);
const FIRST = Number(process.env['ALLOWANCE_SEED'] ?? 0);
const COUNT = process.env['ALLOWANCE_SEED'] === undefined ? SEEDS : 1;

describe('allowances, in a world where everything goes wrong', () => {
  it('are never more than the limit, and nothing is withheld that nobody holds', () => {
    const seen = new Map<string, number>();
    for (let seed = FIRST; seed < FIRST + COUNT; seed += 1) {
      const world = new World(seed);
      try {
        world.run();
      } catch (error) {
        throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
      }
      for (const [what, count] of world.truth.counts) seen.set(what, (seen.get(what) ?? 0) + count);
    }
    for (const what of [
      'admitted',
      'refused',
      'use checked',
      'window checked',
      'folded',
      'kill',
      'charged',
    ]) {
      if (COUNT >= 1_000) expect(seen.get(what) ?? 0).toBeGreaterThan(COUNT / 100);
    }
  });
});
