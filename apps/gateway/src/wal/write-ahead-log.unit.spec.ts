import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@tollgate/testing/eventually';
import fc from 'fast-check';
import { DirectoryLocked } from './directory-lock.ts';
import { decodeFrames, encodeFrame } from './frames.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

const MIB = 1_048_576;
const WAIT = { within_ms: 15_000 };
let root: string;
let count = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tollgate-log-'));
});
afterAll(() => rmSync(root, { recursive: true }));
const newDirectory = () => join(root, String(++count));
const open = (directory: string, segmentBytes = MIB, maxBytes = 64 * MIB) =>
  WriteAheadLog.open({ directory, maxBytes, segmentBytes });
const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
const admit = (log: WriteAheadLog, id: string, text = `admission of ${id}`) => log.admit(id, text);
const settle = (log: WriteAheadLog, id: string, text = `record of ${id}`) =>
  new Promise<void>((resolve) => log.settle(id, text, resolve));
const segments = (directory: string) => readdirSync(directory).filter((name) => name.endsWith('.log'));

describe('frames', () => {
  const frames = ['A', 'N', 'S', 'P', 'D'].map((kind, index) => ({
    kind: kind as 'A',
    id: `req_${index}/1`,
    text: 'é\n'.repeat(index),
  }));
  const file = Buffer.concat(frames.map(encodeFrame));
  const ends = frames.map((_, index) => Buffer.concat(frames.slice(0, index + 1).map(encodeFrame)).length);

  it('are read up to where the file was cut, at every byte', () => {
    for (let length = 0; length <= file.length; length += 1) {
      const whole = ends.filter((end) => end <= length).length;
      expect(decodeFrames(file.subarray(0, length)).frames).toEqual(frames.slice(0, whole));
    }
  });

  it('are read up to the first that is damaged, whichever bit it is', () => {
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const damaged = Buffer.from(file);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const whole = ends.filter((end) => end <= bit >> 3).length;
      expect(decodeFrames(damaged).frames).toEqual(frames.slice(0, whole));
    }
  });
});

describe('a restart finds', () => {
  it('admissions without a record as orphans with their latest note, and records with their positions', async () => {
    const directory = newDirectory();
    const { log } = open(directory);
    for (const id of ['a', 'b', 'c', 'd', 'e']) expect(admit(log, id)).toBeNull();
    log.note('a', 3);
    log.note('a', 8);
    await settle(log, 'b');
    await settle(log, 'c');
    log.placed('c', { partition: 4, offset: 2n ** 60n, epoch: 0 });
    log.done('d');
    await settle(log, 'e');
    await turn();
    log.close();
    const { log: next, recovered } = open(directory);
    expect(recovered).toEqual({
      settled: [
        { id: 'b', record: 'record of b', position: null },
        { id: 'c', record: 'record of c', position: { partition: 4, offset: 2n ** 60n, epoch: 0 } },
        { id: 'e', record: 'record of e', position: null },
      ],
      orphans: [{ id: 'a', admission: 'admission of a', progress: 8 }],
      damagedBytes: 0,
    });
    next.close();
  });

  it('what is left before damage at the end, and says how much was lost', async () => {
    const directory = newDirectory();
    const { log } = open(directory);
    admit(log, 'a');
    admit(log, 'b');
    log.close();
    const file = join(directory, segments(directory)[0]!);
    writeFileSync(file, readFileSync(file).subarray(0, -3));
    const { log: next, recovered } = open(directory);
    expect(recovered.orphans.map(({ id }) => id)).toEqual(['a']);
    expect(recovered.damagedBytes).toBeGreaterThan(0);
    next.close();
  });

  it('all that was told as written and not done, for any life with any number of crashes', async () => {
    const step = fc.record({
      verb: fc.constantFrom('admit', 'settle', 'placed', 'done', 'crash', 'turn'),
      pick: fc.nat(5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const directory = newDirectory();
        let { log } = open(directory, 200);
        const ids = { open: new Set<string>(), settled: new Set<string>() };
        let next = 0;
        for (const { verb, pick } of steps) {
          const anOpen = [...ids.open][pick % Math.max(1, ids.open.size)];
          const aSettled = [...ids.settled][pick % Math.max(1, ids.settled.size)];
          if (verb === 'admit') {
            const id = `req_${++next}/1`;
            admit(log, id);
            ids.open.add(id);
          } else if (verb === 'settle' && anOpen) {
            await settle(log, anOpen);
            ids.open.delete(anOpen);
            ids.settled.add(anOpen);
          } else if (verb === 'placed' && aSettled)
            log.placed(aSettled, { partition: 1, offset: 7n, epoch: 0 });
          else if (verb === 'done' && pick % 2 && anOpen) {
            log.done(anOpen);
            ids.open.delete(anOpen);
          } else if (verb === 'done' && aSettled) {
            log.placed(aSettled, { partition: 1, offset: 7n, epoch: 0 });
            await turn();
            log.done(aSettled);
            ids.settled.delete(aSettled);
          } else if (verb === 'turn') await turn();
          else if (verb === 'crash') {
            log.close();
            const again = open(directory, 200);
            log = again.log;
            const found = again.recovered;
            expect(new Set(found.orphans.map(({ id }) => id))).toEqual(ids.open);
            const settled = found.settled.map(({ id }) => id);
            expect(settled).toEqual(expect.arrayContaining([...ids.settled]));
            // One that is done may come back, but only as one that the broker has.
            for (const { id, position } of found.settled)
              if (!ids.settled.has(id)) {
                expect(position).not.toBeNull();
                log.done(id);
              }
          }
        }
        log.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe('room', () => {
  it('is given back, oldest segments first, when nothing in them is needed', async () => {
    const directory = newDirectory();
    const { log } = open(directory, 300);
    admit(log, 'long');
    for (let n = 0; n < 20; n += 1) {
      admit(log, `a${n}`);
      await settle(log, `a${n}`);
      log.placed(`a${n}`, { partition: 0, offset: BigInt(n), epoch: 0 });
      await turn();
      log.done(`a${n}`);
    }
    expect(segments(directory).length).toBeGreaterThan(4);
    await settle(log, 'long');
    log.placed('long', { partition: 0, offset: 99n, epoch: 0 });
    await turn();
    log.done('long');
    admit(log, 'last');
    expect(segments(directory).length).toBeLessThanOrEqual(2);
    expect(log.size).toBe(1);
    log.close();
  });

  it('ends at the bound for what is not on the broker, and not for what is', async () => {
    const directory = newDirectory();
    const { log } = open(directory, 500, 5_000);
    for (let n = 0; !log.isFull; n += 1) {
      admit(log, `a${n}`);
      await settle(log, `a${n}`);
    }
    expect(log.bytes).toBeLessThan(5_500);
    for (let n = 0; log.size > n; n += 1) log.placed(`a${n}`, { partition: 0, offset: BigInt(n), epoch: 0 });
    await turn();
    expect(log.isFull).toBe(false);
    expect(log.fraction).toBeLessThanOrEqual(0.5 + 500 / 5_000);
    log.close();
  });

  it('is asked for once in each turn of the event loop, for all records that settle in it', async () => {
    const directory = newDirectory();
    const { log } = open(directory);
    const sizes = new Set<number>();
    const file = join(directory, segments(directory)[0]!);
    const all = Array.from({ length: 50 }, (_, n) =>
      settle(log, `a${n}`).then(() => sizes.add(statSync(file).size)),
    );
    expect(statSync(file).size).toBe(0);
    await Promise.all(all);
    expect(sizes.size).toBe(1);
    log.close();
  });
});

/** A process that works on a log as {@link writer} says, and what it prints. */
function child(script: string, directory: string, shell = ''): { process: ChildProcess; lines: string[] } {
  const entry = new URL('../../dist/wal/write-ahead-log.js', import.meta.url).href;
  const code = `const { WriteAheadLog } = await import('${entry}');
    const open = () => WriteAheadLog.open({ directory: ${JSON.stringify(directory)}, maxBytes: 1e9, segmentBytes: 1e6 });
    const say = (line) => require('fs').writeSync(1, line + '\\n');
    ${script}`;
  const node = [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module'; const require = createRequire('file:///');${code}`,
  ];
  const started = shell
    ? spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...node], { stdio: ['pipe', 'pipe', 'inherit'] })
    : spawn(node[0]!, node.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  createInterface({ input: started.stdout! }).on('line', (line) => lines.push(line));
  return { process: started, lines };
}
const said = (lines: string[], line: string) => eventually(() => expect(lines).toContain(line), WAIT);

describe('as a process', () => {
  it('a directory belongs to one, and to the next at once when that is killed', async () => {
    const directory = newDirectory();
    const owner = child(`open(); say('open'); setInterval(() => {}, 1000);`, directory);
    await said(owner.lines, 'open');
    expect(() => open(directory)).toThrow(DirectoryLocked);
    expect(() => open(directory)).toThrow(String(owner.process.pid));
    owner.process.kill('SIGKILL');
    await once(owner.process, 'exit');
    open(directory).log.close();
  });

  it('killed at any moment while it writes, it has lost nothing that it was told is written', async () => {
    for (let round = 0; round < 20; round += 1) {
      const directory = newDirectory();
      const writer = child(
        `const { log } = open(); let n = 0;
         const next = () => { const id = 'a' + ++n; log.admit(id, 'x'.repeat(200)); say(id); if (n % 3) log.settle(id, 'r', () => say('settled ' + id)); setImmediate(next); };
         for (let i = 0; i < 8; i++) next();`,
        directory,
      );
      await eventually(() => expect(writer.lines.length).toBeGreaterThan(40 + round * 13), WAIT);
      writer.process.kill('SIGKILL');
      await once(writer.process, 'close');
      const { log, recovered } = open(directory);
      const found = new Set([...recovered.orphans, ...recovered.settled].map(({ id }) => id));
      const settled = new Set(recovered.settled.map(({ id }) => id));
      for (const line of writer.lines) {
        if (line.startsWith('settled ')) expect(settled).toContain(line.slice(8));
        else expect(found).toContain(line);
      }
      log.close();
    }
  }, 60_000);

  it('without room on its disk it refuses admissions, keeps what has settled, and goes on when there is room', async () => {
    const directory = newDirectory();
    // A limit on the size of files, in blocks of 512 bytes, fails a write as a full disk does.
    const writer = child(
      `process.on('SIGXFSZ', () => {});
       const { log } = open(); let n = 0; let firstRefused = null;
       const next = () => { const error = log.admit('a' + ++n, 'x'.repeat(500));
         if (!error) return setImmediate(next);
         say('refused ' + error.code + ' full ' + log.isFull);
         log.settle('a1', 'the record', () => say('settled'));
         process.stdin.once('data', () => { require('child_process').execSync('prlimit --fsize=unlimited --pid ' + process.pid);
           const again = () => { if (log.isFull) return setTimeout(again, 20); say('later ' + log.admit('later', 'y')); };
           again(); });
       };
       next();`,
      directory,
      'ulimit -S -f 32',
    );
    await said(writer.lines, 'settled');
    expect(writer.lines[0]).toBe('refused EFBIG full true');
    writer.process.stdin!.write('go\n');
    await said(writer.lines, 'later null');
    writer.process.kill('SIGKILL');
    await once(writer.process, 'close');
    const { log, recovered } = open(directory);
    expect(recovered.damagedBytes).toBe(0);
    expect(recovered.settled).toEqual([{ id: 'a1', record: 'the record', position: null }]);
    expect(recovered.orphans.map(({ id }) => id)).toContain('later');
    log.close();
  }, 30_000);
});
