import { GatewayClocks } from './gateway-clocks.ts';

const START = Date.parse('2026-11-23T12:00:00.000Z');

/** A machine's two clocks, moved by hand. */
function given() {
  let wallMs = START;
  let steadyMs = 7;
  const clocks = new GatewayClocks(
    () => Math.floor(wallMs),
    () => steadyMs,
  );
  const beganMs = clocks.read().leaseMs;
  return {
    pass: (ms: number) => {
      wallMs += ms;
      steadyMs += ms;
    },
    setWall: (ms: number) => {
      wallMs += ms;
    },
    leased: () => clocks.read().leaseMs - beganMs,
  };
}

describe('the lease clock', () => {
  it('goes as fast as time does, however often and finely it is read', () => {
    const { pass, leased } = given();
    for (let n = 0; n < 10_000; n += 1) {
      pass(0.3);
      leased();
    }
    expect(leased()).toBeGreaterThan(2_998);
    expect(leased()).toBeLessThan(3_003);
  });

  it('knows of time that passed while the machine slept, and never goes back', () => {
    const { pass, setWall, leased } = given();
    pass(1_000);
    setWall(30_000);
    expect(leased()).toBeCloseTo(31_000, -1);
    setWall(-3_600_000);
    expect(leased()).toBeCloseTo(31_000, -1);
    pass(1_000);
    expect(leased()).toBeCloseTo(32_000, -1);
    setWall(500);
    expect(leased()).toBeCloseTo(32_500, -1);
  });
});
