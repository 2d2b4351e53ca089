import { Heartbeats } from './heartbeats.ts';

const START = Date.parse('2026-11-23T12:00:00.000Z');
const HOUR = 3_600_000;

/** A gateway whose clock is `clockMs` ahead of the broker's; time is the broker's, in ms since the start. */
function given({ clockMs = 0, partitions = 1 } = {}) {
  const heartbeats = new Heartbeats({ keys: partitions, limits: partitions }, 0);
  /** A batch that is read at `atMs`; its last heartbeat was written at `writtenMs`. */
  const read = (atMs: number, writtenMs: number | null, { reachesEnd = true, partition = 0 } = {}) =>
    heartbeats.note('keys', partition, {
      stampMs: writtenMs === null ? null : START + writtenMs,
      reachesEnd,
      nowMs: START + clockMs + atMs,
      monotonicMs: atMs,
    });
  /** Read live from `fromMs`, a heartbeat each second that takes 20 ms to come. */
  const live = (fromMs: number, seconds: number) => {
    for (let n = 0; n < seconds; n += 1) read(fromMs + n * 1_000 + 20, fromMs + n * 1_000);
  };
  return { heartbeats, read, live, age: (atMs: number) => heartbeats.ageMs('keys', atMs) };
}

describe('the age of a topic', () => {
  it('is the time since its last heartbeat was written', () => {
    const { read, age } = given();
    read(0, -700_000);
    expect(age(0)).toBe(700_000);
    read(10, -5_000);
    expect(age(100)).toBe(5_100);
  });

  it('is that of its oldest partition, and grows from the start where there is no heartbeat at all', () => {
    const { read, live, age } = given({ partitions: 3 });
    expect(age(60_000)).toBe(60_000);
    read(0, -30_000, { partition: 1 });
    live(0, 10);
    expect(age(9_020)).toBe(39_020);
    read(9_020, 9_000, { partition: 1 });
    expect(age(9_020)).toBe(9_020);
    read(9_020, 9_000, { partition: 2 });
    expect(age(9_020)).toBeLessThanOrEqual(1_020);
  });

  it('grows while only changes come and no heartbeats', () => {
    const { read, live, age } = given();
    live(0, 5);
    for (let at = 5_000; at <= 20_000; at += 1_000) read(at, null);
    expect(age(20_000)).toBeGreaterThanOrEqual(16_000);
  });

  it.each([HOUR, -HOUR])('is right beside a clock that is %p ms off, once it is read live', (clockMs) => {
    const { live, age } = given({ clockMs });
    live(0, 5);
    expect(age(4_020)).toBeLessThanOrEqual(1_020);
    expect(age(14_020)).toBeGreaterThanOrEqual(10_000);
  });
});

describe('the clock', () => {
  it('is right where heartbeats come as they are written', () => {
    const { heartbeats, live } = given();
    expect(heartbeats.skewMs).toBeNull();
    live(0, 5);
    expect(heartbeats.skewMs).toBe(0);
  });

  it.each([HOUR, 7_000, -7_000, -HOUR])('that is %p ms off is found to be, within a second', (clockMs) => {
    const { heartbeats, live } = given({ clockMs });
    live(0, 5);
    expect(Math.sign(heartbeats.skewMs!)).toBe(Math.sign(clockMs));
    expect(Math.abs(heartbeats.skewMs! - clockMs)).toBeLessThanOrEqual(1_020);
  });

  it('is right again once it is set', () => {
    const wrong = given({ clockMs: HOUR });
    wrong.live(0, 5);
    for (let at = 5_000; at < 8_000; at += 1_000) {
      wrong.heartbeats.note('keys', 0, {
        stampMs: START + at,
        reachesEnd: true,
        nowMs: START + at + 20,
        monotonicMs: at + 20,
      });
    }
    expect(wrong.heartbeats.skewMs).toBe(0);
  });

  it('is not blamed for records that waited: a backlog at the start', () => {
    const { heartbeats, read } = given();
    for (let n = 0; n < 100; n += 1) read(n, -1_000_000 + n * 1_000, { reachesEnd: n === 99 });
    expect(heartbeats.skewMs).toBeNull();
  });

  it('nor for a writer that is away', () => {
    const { heartbeats, read } = given();
    read(0, -600_000);
    read(100, null);
    read(200, null);
    expect(heartbeats.skewMs).toBeNull();
  });

  it('nor for a pause of the gateway, whatever waits in buffers when it goes on', () => {
    const { heartbeats, read, live } = given();
    live(0, 5);
    // Stopped for a minute; the writer died in the middle of it.
    read(64_020, 5_000);
    read(64_021, 34_000);
    read(64_022, null);
    expect(heartbeats.skewMs).toBe(0);
  });

  it('nor for a backlog that is read to its end in several batches', () => {
    const { heartbeats, read, live } = given();
    live(0, 5);
    for (let n = 0; n < 30; n += 1) read(64_000 + n, 5_000 + n * 2_000, { reachesEnd: n === 29 });
    expect(heartbeats.skewMs).toBe(0);
  });
});
