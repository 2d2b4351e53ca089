import fc from 'fast-check';
import { RollingWindow, WINDOW_MS } from './rolling-window.ts';

const T = 1_800_000_000_000;

describe('the rolling window of requests per minute', () => {
  it('counts an admission until 60 s after it, not until the minute turns', () => {
    const window = new RollingWindow();
    window.admit(T);
    expect(window.countAt(T + WINDOW_MS - 1)).toBe(1);
    expect(window.countAt(T + WINDOW_MS)).toBe(0);
  });

  it('says when it opens again: 60 s after the oldest admission that has to leave', () => {
    const window = new RollingWindow();
    for (const at of [0, 10_000, 20_000]) window.admit(T + at);
    expect(window.opensAt(T + 30_000, 3)).toBe(T + WINDOW_MS);
    expect(window.opensAt(T + 30_000, 2)).toBe(T + 10_000 + WINDOW_MS);
    expect(window.opensAt(T + 30_000, 4)).toBe(T + 30_000);
  });

  it('holds no more when the clock is set back', () => {
    const window = new RollingWindow();
    window.admit(T);
    window.admit(T - 30_000);
    expect(window.countAt(T - 30_000)).toBe(2);
    expect(window.countAt(T + WINDOW_MS - 1)).toBe(2);
  });

  it('never admits more than the limit in any 60 s, and refuses only when it must', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 1, maxLength: 300 }),
        (limit, gaps) => {
          const window = new RollingWindow();
          const admitted: number[] = [];
          let now = T;
          for (const gap of gaps) {
            now += gap;
            const counted = admitted.filter((at) => at > now - WINDOW_MS).length;
            expect(window.countAt(now)).toBe(counted);
            if (counted >= limit) continue;
            window.admit(now);
            admitted.push(now);
          }
        },
      ),
    );
  });
});
