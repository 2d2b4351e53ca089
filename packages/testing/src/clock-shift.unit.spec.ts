import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { CLOCK_PRELOAD_ARGS, shiftClock } from './clock-shift.ts';

const HOUR_MS = 3_600_000;
const REPORTER = `
  const report = () => process.send({
    now: Date.now(), made: new Date().getTime(), text: Date.parse(Date()),
    given: new Date(86400000).toISOString(), parts: new Date(2026, 0, 31).getDate(), utc: Date.UTC(2026, 0),
    same: new Date() instanceof Date && new Date().constructor === Date,
    steady: performance.now(),
    sub: new (class extends Date { twice() { return this.getTime() * 2; } })(21).twice(),
    intl: new Intl.DateTimeFormat('en', { timeZone: 'UTC', year: 'numeric' }).format(new Date(0)),
  });
  process.on('message', (message) => message === 'report' && report());
  setInterval(() => {}, 1000);
  process.send('up');
`;

function start(script: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [...CLOCK_PRELOAD_ARGS, '--eval', script], {
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
}

async function report(child: ChildProcess) {
  const answered = once(child, 'message');
  child.send('report');
  const [figures] = await answered;
  return { ...figures, ahead_ms: figures.now - Date.now() };
}

const within = (ms: number, expected: number) => Math.abs(ms - expected) < 60_000;

describe('the clock of a process under the preload', () => {
  let child: ChildProcess;
  beforeEach(async () => {
    child = start(REPORTER, { CLOCK_OFFSET_MS: String(-HOUR_MS) });
    await once(child, 'message');
  });
  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  });

  it('starts at the offset in the environment', async () => {
    expect(within((await report(child)).ahead_ms, -HOUR_MS)).toBe(true);
  });

  it('stands at the offset that the parent sets, as soon as it has answered', async () => {
    await shiftClock(child, 24 * HOUR_MS);
    expect(within((await report(child)).ahead_ms, 24 * HOUR_MS)).toBe(true);
    await shiftClock(child, 0);
    expect(within((await report(child)).ahead_ms, 0)).toBe(true);
  });

  it('lets time pass on the steady clock too, which is never set back', async () => {
    const { steady } = await report(child);
    await shiftClock(child, HOUR_MS);
    expect(within((await report(child)).steady, steady)).toBe(true);
    await shiftClock(child, 3 * HOUR_MS, true);
    expect(within((await report(child)).steady, steady + 2 * HOUR_MS)).toBe(true);
    await shiftClock(child, 0);
    expect(within((await report(child)).steady, steady + 2 * HOUR_MS)).toBe(true);
  });

  it('is one clock for every way to ask the time, and Date is otherwise what it was', async () => {
    await shiftClock(child, 48 * HOUR_MS);
    const { now, made, text, ...rest } = await report(child);
    expect(within(made, now)).toBe(true);
    expect(within(text, now)).toBe(true);
    expect(rest).toMatchObject({
      given: '1970-01-02T00:00:00.000Z',
      parts: 31,
      utc: 1_767_225_600_000,
      same: true,
      sub: 42,
      intl: '1970',
    });
  });

  it('cannot be moved in a process that is gone, and says so', async () => {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await expect(shiftClock(child, 1)).rejects.toThrow();
  });
});

describe('the preload', () => {
  it('does not keep a finished process alive', async () => {
    const child = start('');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses an offset that is none before the program runs', async () => {
    const child = start('process.send("ran")', { CLOCK_OFFSET_MS: 'tomorrow' });
    const messages: unknown[] = [];
    child.on('message', (message) => messages.push(message));
    expect(await once(child, 'exit')).toEqual([1, null]);
    expect(messages).toEqual([]);
  });
});
