import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Roster } from './roster.ts';

class Guest {
  place = 0;
  readonly luggage: number[];

  constructor(size = 0) {
    this.luggage = new Array(size).fill(0);
  }
}

describe('Roster', () => {
  it('has whom a set has, whoever comes and leaves', () => {
    const move = fc.record({ who: fc.nat(9), comes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 100 }), (moves) => {
        const guests = Array.from({ length: 10 }, () => new Guest());
        const hall = new Roster<Guest>();
        const expected = new Set<Guest>();
        for (const { who, comes } of moves) {
          const guest = guests[who]!;
          if (!comes) expect(hall.remove(guest)).toBe(expected.delete(guest));
          else if (!expected.has(guest)) {
            hall.add(guest);
            expected.add(guest);
          }
          expect(hall.size).toBe(expected.size);
        }
        expect(new Set(hall)).toEqual(expected);
      }),
    );
  });

  it('keeps nobody who has left, not even until the next full collection', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
    const hall = new Roster<Guest>();
    const present: Guest[] = [];
    const pass = (guests: number) => {
      for (let guest = 0; guest < guests; guest += 1) {
        const arriving = new Guest(500);
        hall.add(arriving);
        if (present.push(arriving) > 64) hall.remove(present.shift()!);
      }
    };
    pass(1_000);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let round = 0; round < 10; round += 1) {
      pass(1_000);
      collect({ type: 'minor' });
    }
    // 10 000 have passed, of 4 KB each.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  });
});
