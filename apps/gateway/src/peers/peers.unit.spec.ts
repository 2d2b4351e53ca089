import fc from 'fast-check';
import { Peers } from './peers.ts';

const STARTED = '2026-11-23T12:00:00.000Z';
const START = Date.parse(STARTED);

function given() {
  const peers = new Peers({ name: 'me', startedAt: STARTED });
  /** A report that was sent and taken by the broker at the same instant, unless the clock is off. */
  const report = (instance: string, atMs: number, { leaving = false, startedAt = STARTED, offMs = 0 } = {}) =>
    peers.note(
      { instance, started_at: startedAt, leaving, applied: { keys: {}, limits: {} }, windows: {} },
      START + atMs + offMs,
      START + atMs,
    );
  return { peers, report, alone: (atMs: number) => peers.isAlone(START + atMs) };
}

describe('a gateway', () => {
  it('is alone once it has read its own report back, and nobody else’s', async () => {
    const { peers, report, alone } = given();
    expect(alone(0)).toBe(false);
    report('me', 0);
    await peers.introduced;
    expect(alone(1)).toBe(true);
    expect(peers.othersLive).toBe(0);
  });

  it('is not alone beside one that reported in the 5 s before it, or after it', () => {
    const { peers, report, alone } = given();
    report('other', 0);
    report('me', 5_000);
    expect([peers.othersLive, alone(5_001)]).toEqual([1, false]);
    report('me', 5_001);
    expect([peers.othersLive, alone(5_002)]).toEqual([0, true]);
    report('other', 5_500);
    expect([peers.othersLive, alone(5_501)]).toEqual([1, false]);
  });

  it('is alone at once when the other says goodbye', () => {
    const { report, alone } = given();
    report('other', 0);
    report('me', 100);
    report('other', 200, { leaving: true });
    expect(alone(201)).toBe(true);
  });

  it('is alone no longer when it cannot read its own reports: others may be there that it cannot hear', () => {
    const { report, alone } = given();
    report('me', 0);
    expect(alone(4_999)).toBe(true);
    expect(alone(5_000)).toBe(false);
    report('me', 60_000);
    expect(alone(60_001)).toBe(true);
  });

  it('still takes an earlier peer for live after a silence that was its own', () => {
    const { peers, report } = given();
    report('me', 0);
    report('other', 100);
    expect(peers.othersLive).toBe(1);
    report('other', 60_000);
    report('me', 60_100);
    expect(peers.othersLive).toBe(1);
  });

  it('does not take its own earlier incarnation for another, nor for itself', () => {
    const { peers, report, alone } = given();
    report('me', 0, { startedAt: '2026-11-23T11:59:00.000Z' });
    expect(alone(1)).toBe(false);
    report('me', 2);
    expect([peers.othersLive, alone(3)]).toEqual([0, true]);
  });

  it('whose clock is off does not know what came before, and listens for 5 s first', () => {
    const { report, alone } = given();
    report('me', 0, { offMs: 3_600_000 });
    expect(alone(3_600_001)).toBe(false);
    report('me', 4_999, { offMs: 3_600_000 });
    expect(alone(3_605_000)).toBe(false);
    report('me', 5_000, { offMs: 3_600_000 });
    expect(alone(3_605_001)).toBe(true);
  });

  it('is not alone while its clock says that its report was sent in the future', () => {
    const { report, alone } = given();
    report('me', 1_000);
    expect(alone(999)).toBe(false);
  });
});

/** One partition; gateways that append and read at random moments, pause, and never see what they have not read. */
describe('of two gateways', () => {
  it('never both are alone, however late each reads what both have written', () => {
    const step = fc.record({
      who: fc.constantFrom(0, 1),
      act: fc.constantFrom('append', 'append', 'read', 'read', 'pass'),
      ms: fc.integer({ min: 0, max: 6_000 }),
      sendDelayMs: fc.integer({ min: 0, max: 7_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const names = ['a', 'b'];
        const gateways = names.map((name) => new Peers({ name, startedAt: STARTED }));
        const log: { instance: string; sentMs: number; stampMs: number }[] = [];
        const read = [0, 0];
        let nowMs = START;
        for (const { who, act, ms, sendDelayMs } of steps) {
          nowMs += ms;
          if (act === 'append')
            log.push({ instance: names[who]!, sentMs: nowMs - sendDelayMs, stampMs: nowMs });
          if (act === 'read' && read[who]! < log.length) {
            const { instance, sentMs, stampMs } = log[read[who]!]!;
            const report = {
              ...{ instance, started_at: STARTED, leaving: false, windows: {} },
              applied: { keys: {}, limits: {} },
            };
            gateways[who]!.note(report, sentMs, stampMs);
            read[who]! += 1;
          }
          expect(gateways.every((gateway) => gateway.isAlone(nowMs))).toBe(false);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
