import type { Frame, FrameKind } from './frames.ts';

export interface Segment {
  readonly number: number;
  bytes: number;
  /** Admissions in it that have not settled. */
  open: number;
  /** Usage records in it whose position on the broker is not known. */
  unplaced: number;
  /** Usage records in it that are on the broker, and that no published meter is known to count. */
  uncounted: number;
}

/** Where the broker has a record, on which making of the usage topic. */
export interface LoggedPosition {
  readonly partition: number;
  readonly offset: bigint;
  readonly epoch: number;
}

/** What a former process left behind. */
export interface Recovered {
  /** Usage records in the order in which they settled; `position` is `null` where the broker may not have it. */
  readonly settled: readonly {
    readonly id: string;
    readonly record: string;
    readonly position: LoggedPosition | null;
  }[];
  /** Attempts that were forwarded, or about to be, and have no record. */
  readonly orphans: readonly {
    readonly id: string;
    readonly admission: string;
    /** What was last noted of it. */
    readonly progress: number | null;
  }[];
  /** Bytes at the ends of segments that no frame could be read from. */
  readonly damagedBytes: number;
}

interface Attempt {
  state: 'open' | 'unplaced' | 'uncounted';
  /** The segment that its state is counted in. */
  segment: Segment;
}

interface Kept {
  admission: string | null;
  progress: number | null;
  record: string | null;
  position: LoggedPosition | null;
}

/**
 * Which attempts the log must remember, and which segments for their sake.
 *
 * open (admitted) → unplaced (settled) → uncounted (on the broker) → forgotten (a published meter counts it)
 */
export class Ledger {
  private readonly segments: Segment[] = [];
  private total = 0;
  private readonly attempts = new Map<string, Attempt>();
  /** Contents, while reading what a former process left. */
  private kept: Map<string, Kept> | null = new Map();

  constructor(private readonly remove: (segment: Segment) => void) {}

  get bytes(): number {
    return this.total;
  }

  get size(): number {
    return this.attempts.size;
  }

  get lastSegment(): number {
    return this.segments.at(-1)?.number ?? 0;
  }

  get segmentNumbers(): number[] {
    return this.segments.map(({ number }) => number);
  }

  addSegment(number: number, bytes: number): Segment {
    const segment = { number, bytes, open: 0, unplaced: 0, uncounted: 0 };
    this.segments.push(segment);
    this.total += bytes;
    return segment;
  }

  knows(id: string): boolean {
    return this.attempts.has(id);
  }

  isOpen(id: string): boolean {
    return this.attempts.get(id)?.state === 'open';
  }

  /** Takes in a frame of a former process. */
  take({ kind, id, text }: Frame, segment: Segment): void {
    this.move(kind, id, segment);
    if (!this.attempts.has(id)) {
      this.kept?.delete(id);
      return;
    }
    const kept = this.keptOf(id);
    if (kind === 'A') kept.admission = text;
    if (kind === 'N') kept.progress = Number(text);
    if (kind === 'S') kept.record = text;
    if (kind === 'P') kept.position = positionOf(text);
  }

  recovered(damagedBytes: number): Recovered {
    const all = [...this.kept!].map(([id, kept]) => ({ id, ...kept }));
    this.kept = null;
    const settled = all.flatMap(({ id, record, position }) =>
      record === null ? [] : [{ id, record, position }],
    );
    const orphans = all.flatMap(({ id, record, admission, progress }) =>
      record === null && admission !== null ? [{ id, admission, progress }] : [],
    );
    return { settled, orphans, damagedBytes };
  }

  /** Counts a frame that was written to `segment`. */
  count(kind: FrameKind, id: string, frame: Buffer, segment: Segment): void {
    segment.bytes += frame.length;
    this.total += frame.length;
    this.move(kind, id, segment);
  }

  forget(id: string): void {
    const attempt = this.attempts.get(id);
    if (!attempt) return;
    attempt.segment[attempt.state] -= 1;
    this.attempts.delete(id);
  }

  /**
   * Deletes the oldest segments as long as nothing in them is needed. Beyond `comfortableBytes`, which is where it
   * comes to when metering is away for long, those go too whose records are all on the broker: only a restart would
   * miss them, and only until metering is back.
   */
  dropUnneeded(current: Segment, comfortableBytes: number): void {
    for (let oldest = this.segments[0]; oldest && oldest !== current; oldest = this.segments[0]) {
      const { open, unplaced, uncounted } = oldest;
      if (open + unplaced > 0 || (uncounted > 0 && this.bytes <= comfortableBytes)) return;
      if (uncounted > 0) this.forgetAllIn(oldest);
      this.segments.shift();
      this.total -= oldest.bytes;
      this.remove(oldest);
    }
  }

  private forgetAllIn(segment: Segment): void {
    for (const [id, attempt] of this.attempts) if (attempt.segment === segment) this.attempts.delete(id);
  }

  private move(kind: FrameKind, id: string, segment: Segment): void {
    const attempt = this.attempts.get(id);
    switch (kind) {
      case 'A':
        this.enter(id, 'open', segment);
        return;
      case 'S':
        this.enter(id, 'unplaced', segment);
        return;
      case 'P':
        if (attempt) this.enter(id, 'uncounted', attempt.segment);
        return;
      case 'D':
        this.forget(id);
        return;
      case 'N':
        return;
    }
  }

  private enter(id: string, state: Attempt['state'], segment: Segment): void {
    this.forget(id);
    segment[state] += 1;
    this.attempts.set(id, { state, segment });
  }

  private keptOf(id: string): Kept {
    const { kept } = this;
    let entry = kept?.get(id);
    if (!entry) {
      entry = { admission: null, progress: null, record: null, position: null };
      kept?.set(id, entry);
    }
    return entry;
  }
}

function positionOf(text: string): Kept['position'] {
  const [partition, offset, epoch] = text.split(' ');
  return { partition: Number(partition), offset: BigInt(offset ?? '0'), epoch: Number(epoch ?? 0) };
}
