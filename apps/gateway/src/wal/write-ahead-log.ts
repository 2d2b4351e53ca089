import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory } from './directory-lock.ts';
import { decodeFrames, encodeFrame, type FrameKind } from './frames.ts';
import { Ledger, type LoggedPosition, type Recovered, type Segment } from './ledger.ts';

export interface LogSettings {
  readonly directory: string;
  /** The log refuses admissions beyond this. */
  readonly maxBytes: number;
  readonly segmentBytes?: number;
}

const SEGMENT_BYTES = 16 * 1_048_576;
/** The segment that is written to is never deleted, so it must be a small part of the whole. */
const MOST_OF_LOG = 1 / 8;
const SEGMENT_NAME = /^\d{10}\.log$/;
/** How often a disk that was full is tried again. */
const PROBE_EVERY_MS = 500;

interface Entry {
  readonly kind: FrameKind;
  readonly id: string;
  readonly frame: Buffer;
  readonly written?: (() => void) | undefined;
}

/**
 * What a gateway must not forget while the broker is away, or if it is killed: each admission before its attempt is
 * forwarded, and each usage record until a published meter counts it.
 *
 * An admission is written on its own, in the moment before its request is: any earlier, and a kill in between would
 * leave an attempt that nobody made. All else of a turn of the event loop leaves in one write(2). There is no fsync:
 * the log survives the process, not the machine. A segment is deleted when nothing in it is needed, oldest first: an attempt's admission stands before its
 * record, and that before its position, so that no admission outlives what tells how it ended.
 */
export class WriteAheadLog {
  private waiting: Entry[] = [];
  private flushing: NodeJS.Immediate | undefined;
  private probing: NodeJS.Timeout | undefined;
  private current!: Segment;
  private file!: number;

  private constructor(
    private readonly settings: Required<LogSettings>,
    private readonly lock: { release(): void },
    private readonly ledger: Ledger,
  ) {
    this.roll();
  }

  /**
   * Opens the log of a directory, and reads what a former process left there.
   * @throws DirectoryLocked where another process works there
   */
  static open(settings: LogSettings): { readonly log: WriteAheadLog; readonly recovered: Recovered } {
    const { directory, maxBytes } = settings;
    const { segmentBytes = Math.min(SEGMENT_BYTES, maxBytes * MOST_OF_LOG) } = settings;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const lock = lockDirectory(directory);
    const ledger = new Ledger((segment) => rmSync(pathOf(directory, segment.number), { force: true }));
    let damagedBytes = 0;
    for (const name of readdirSync(directory)
      .filter((file) => SEGMENT_NAME.test(file))
      .sort()) {
      const bytes = readFileSync(join(directory, name));
      const { frames, bytes: whole } = decodeFrames(bytes);
      damagedBytes += bytes.length - whole;
      const segment = ledger.addSegment(Number.parseInt(name, 10), bytes.length);
      for (const frame of frames) ledger.take(frame, segment);
    }
    const recovered = ledger.recovered(damagedBytes);
    const log = new WriteAheadLog({ ...settings, segmentBytes }, lock, ledger);
    return { log, recovered };
  }

  /**
   * Writes an admission; when this returns it is in the file, and its attempt may be forwarded.
   * @returns `null`, or why it must be refused
   */
  admit(id: string, admission: string): Error | null {
    const frame = encodeFrame({ kind: 'A', id, text: admission });
    const error = this.write(frame);
    if (error) {
      this.probe();
      return error;
    }
    this.ledger.count('A', id, frame, this.current);
    this.rollWhereFull();
    return null;
  }

  /** How far an attempt has come; the latest counts. */
  note(id: string, progress: number): void {
    this.append('N', id, String(progress));
  }

  /** Logs an attempt's usage record. It is told as written even where the disk is full: it must be published. */
  settle(id: string, record: string, written: () => void): void {
    this.append('S', id, record, written);
  }

  /** Notes where the broker has an attempt's record. */
  placed(id: string, { partition, offset, epoch }: LoggedPosition): void {
    this.append('P', id, epoch === 0 ? `${partition} ${offset}` : `${partition} ${offset} ${epoch}`);
  }

  /** Reads the usage records of attempts back, oldest first; those that the log has forgotten are absent. */
  async recordsOf(ids: ReadonlySet<string>): Promise<Map<string, string>> {
    const records = new Map<string, string>();
    for (const number of this.ledger.segmentNumbers) {
      const bytes = await readFile(pathOf(this.settings.directory, number)).catch(() => Buffer.alloc(0));
      for (const { kind, id, text } of decodeFrames(bytes).frames)
        if (kind === 'S' && ids.has(id)) records.set(id, text);
    }
    return records;
  }

  /** An attempt that nobody needs to remember: its record counts in a published meter, or it was not forwarded. */
  done(id: string): void {
    if (this.ledger.isOpen(id)) this.append('D', id, '');
    else if (this.ledger.knows(id)) this.ledger.forget(id);
    // Its record still waits for a disk that is full, and would be remembered for ever.
    else this.waiting = this.waiting.filter((entry) => entry.id !== id);
  }

  get bytes(): number {
    return this.ledger.bytes;
  }

  /** Attempts that the log must remember. */
  get size(): number {
    return this.ledger.size;
  }

  /** How much of its room the log has used, 0…1. */
  get fraction(): number {
    return this.ledger.bytes / this.settings.maxBytes;
  }

  /** No admission can be logged: the log has reached its bound, or the disk is full. */
  get isFull(): boolean {
    return this.probing !== undefined || this.ledger.bytes >= this.settings.maxBytes;
  }

  /** Writes what waits and gives the directory up. */
  close(): void {
    clearImmediate(this.flushing);
    clearTimeout(this.probing);
    this.flush();
    clearTimeout(this.probing);
    closeSync(this.file);
    this.lock.release();
  }

  private append(kind: FrameKind, id: string, text: string, written?: Entry['written']): void {
    this.waiting.push({ kind, id, frame: encodeFrame({ kind, id, text }), written });
    if (!this.probing) this.flushing ??= setImmediate(() => this.flush());
  }

  private flush(): void {
    this.flushing = undefined;
    const entries = this.waiting;
    this.waiting = [];
    if (entries.length === 0) return;
    const bytes = entries.length === 1 ? entries[0]!.frame : Buffer.concat(entries.map(({ frame }) => frame));
    const error = this.write(bytes);
    if (error) {
      this.keep(entries);
      return;
    }
    this.probing = undefined;
    for (const { kind, id, frame } of entries) this.ledger.count(kind, id, frame, this.current);
    for (const { written } of entries) written?.();
    this.rollWhereFull();
  }

  /** Writes all of it or nothing. */
  private write(bytes: Buffer): Error | null {
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.file, bytes, done, bytes.length - done);
      return null;
    } catch (error) {
      try {
        ftruncateSync(this.file, this.current.bytes);
      } catch {
        // What is half written is damage at the end of this segment; the next begins clean.
        this.roll();
      }
      return error as Error;
    }
  }

  /** What cannot be written is told as written all the same, kept, and tried again until there is room. */
  private keep(entries: Entry[]): void {
    this.waiting = [...entries.map(({ written, ...entry }) => entry), ...this.waiting];
    this.probe();
    for (const { written } of entries) written?.();
  }

  /** Tries again later; where nothing waits, with an empty word that finds out whether there is room. */
  private probe(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    if (this.waiting.length === 0)
      this.waiting.push({ kind: 'D', id: '', frame: encodeFrame({ kind: 'D', id: '', text: '' }) });
    clearTimeout(this.probing);
    this.probing = setTimeout(() => this.flush(), PROBE_EVERY_MS);
  }

  private rollWhereFull(): void {
    if (this.current.bytes >= this.settings.segmentBytes) this.roll();
    this.ledger.dropUnneeded(this.current, this.settings.maxBytes / 2);
  }

  private roll(): void {
    if (this.file !== undefined) closeSync(this.file);
    this.current = this.ledger.addSegment(this.ledger.lastSegment + 1, 0);
    this.file = openSync(pathOf(this.settings.directory, this.current.number), 'a', 0o600);
  }
}

const pathOf = (directory: string, number: number) =>
  join(directory, `${String(number).padStart(10, '0')}.log`);
