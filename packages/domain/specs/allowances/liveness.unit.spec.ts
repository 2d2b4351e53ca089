import { type FairRun, World } from './world.ts';

const SEEDS = 3;

/** What came of a run, for some seeds. */
function outcomes(run: FairRun) {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const world = new World(seed, run);
    world.run();
    const count = (what: string) => world.truth.countOf(what);
    return {
      admitted: count('admitted'),
      refused: count('refused'),
      unavailable: count('unavailable'),
      called: count('called'),
    };
  });
}

const MINUTE_MS = 60_000;
const every = (world: World, ms: number, count: number, what: (n: number) => void) => {
  for (let n = 0; n < count; n += 1) world.time.after(n * ms, () => what(n));
};

describe('a limit of requests per minute, over four gateways', () => {
  const gateways = 4;
  const limits = { requests: 100 };

  it('lets in all but three of it when all of them start a burst at once', () => {
    const plan = (world: World) => every(world, 0, 4, (n) => world.request(n, 50));
    for (const { admitted, unavailable } of outcomes({ gateways, limits, ms: MINUTE_MS, plan })) {
      expect(admitted).toBeGreaterThanOrEqual(97);
      expect(admitted).toBeLessThanOrEqual(100);
      expect(unavailable).toBe(0);
    }
  });

  it('lets in all but three of it under even load', () => {
    const plan = (world: World) => every(world, 300, 200, (n) => world.request(n % 4));
    for (const { admitted } of outcomes({ gateways, limits, ms: MINUTE_MS, plan })) {
      expect(admitted).toBeGreaterThanOrEqual(97);
    }
  });

  it('lets in every one of a client that sends one after another, wherever they go', () => {
    const plan = (world: World) => {
      let sent = 0;
      const next = () => {
        if (world.decided === sent) {
          world.request((sent * 7 + (sent >> 3)) % 4);
          sent += 1;
        }
        if (sent < 100) world.time.after(10, next);
      };
      next();
    };
    for (const { admitted, refused } of outcomes({ gateways, limits, ms: MINUTE_MS, plan })) {
      expect({ admitted, refused }).toEqual({ admitted: 100, refused: 0 });
    }
  });
});

describe('calls to metering', () => {
  const limits = { tokens: 1_000_000, requests: 100_000, isStrict: true };

  it('of a lone gateway are one in a minute, for a key that is busy', () => {
    const plan = (world: World) => every(world, 600, 500, () => world.request(0));
    for (const { called, admitted } of outcomes({ gateways: 1, limits, ms: 5 * MINUTE_MS, plan })) {
      expect(admitted).toBe(500);
      // The first and the last of a run come on top.
      expect(called).toBeLessThanOrEqual(5 + 3);
    }
  });

  it('of four gateways are 20 for 1 000 requests at most, far from the limit', () => {
    const plan = (world: World) => every(world, 40, 1_000, (n) => world.request((n * 7) % 4));
    for (const { called, admitted } of outcomes({ gateways: 4, limits, ms: MINUTE_MS, plan })) {
      expect(admitted).toBe(1_000);
      expect(called).toBeLessThanOrEqual(20);
    }
  });

  it('are ten in a second and gateway at most where all is used, however many requests there are', () => {
    const used = { tokens: 300, isStrict: true };
    const plan = (world: World) => every(world, 10, 6_000, (n) => world.request(n % 4));
    for (const { called, refused } of outcomes({ gateways: 4, limits: used, ms: MINUTE_MS, plan })) {
      expect(refused).toBeGreaterThan(5_000);
      expect(called).toBeLessThanOrEqual(4 * 60 * 10);
    }
  });
});
