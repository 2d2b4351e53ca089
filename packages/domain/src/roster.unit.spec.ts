import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { Roster } from './roster.ts';

class Guest {
  readonly places = { hall: 0, bar: 0 };
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
        const hall = new Roster<'hall', Guest>('hall');
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

  it('knows its members whatever else they are members of', () => {
    const [hall, bar] = [new Roster<'hall', Guest>('hall'), new Roster<'bar', Guest>('bar')];
    const [first, second] = [new Guest(), new Guest()];
    for (const guest of [first, second]) hall.add(guest);
    for (const guest of [second, first]) bar.add(guest);
    expect(hall.remove(first)).toBe(true);
    expect([...bar]).toEqual([second, first]);
    expect(bar.remove(second)).toBe(true);
    expect([[...hall], [...bar]]).toEqual([[second], [first]]);
  });

  it('keeps nobody who has left, not even until the next full collection', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
    const hall = new Roster<'hall', Guest>('hall');
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
