import { Peers } from './peers.ts';

const STARTED = '2026-11-23T12:00:00.000Z';
const START = Date.parse(STARTED);

function given() {
  const peers = new Peers({ name: 'me', startedAt: STARTED });
  const report = (instance: string, atMs: number, { leaving = false, startedAt = STARTED } = {}) =>
    peers.note(
      { instance, started_at: startedAt, leaving, applied: { keys: {}, limits: {} }, windows: {} },
      START + atMs,
    );
  return { peers, report };
}

describe('a gateway', () => {
  it('is introduced once it has read its own report back, and not by that of an earlier process of its name', async () => {
    const { peers, report } = given();
    let isIntroduced = false;
    void peers.introduced.then(() => {
      isIntroduced = true;
    });
    report('other', 0);
    report('me', 1, { startedAt: '2026-11-23T11:59:00.000Z' });
    await Promise.resolve();
    expect(isIntroduced).toBe(false);
    report('me', 2);
    await Promise.resolve();
    expect(isIntroduced).toBe(true);
    expect(peers.othersLive).toBe(1);
  });

  it('takes another for live that reported in the 5 s before its own report, or after it', () => {
    const { peers, report } = given();
    report('other', 0);
    report('me', 5_000);
    expect(peers.othersLive).toBe(1);
    report('me', 5_001);
    expect(peers.othersLive).toBe(0);
    report('other', 5_500);
    expect(peers.othersLive).toBe(1);
  });

  it('knows at once of one that says goodbye', () => {
    const { peers, report } = given();
    report('me', 100);
    report('other', 150);
    report('other', 200, { leaving: true });
    expect(peers.othersLive).toBe(0);
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
});
