import { WINDOW_MS } from '../../src/admission/rolling-window.ts';
import type { Ask } from '../../src/allowance/ask.ts';
import type { Amounts } from '../../src/allowance/book.ts';
import type { Decision } from '../../src/allowance/decide.ts';
import { contains, type Period } from '../../src/period.ts';
import type { Attempt, MeteredScope, Settings } from './scopes.ts';
import type { Timeline } from './timeline.ts';

type Counted = 'cost' | 'tokens';
const COUNTED: readonly Counted[] = ['cost', 'tokens'];
/** Shares given under former limits, and what was admitted on them, are gone by then. */
const SETTLES_AFTER_MS = 200_000;

/** What really happened, as nobody in the system can see it, and what must hold of it. */
export class Truth {
  /** As metering has them, which alone changes them. */
  readonly scopes = new Map<string, MeteredScope>();
  /** Ids of the records that metering has counted. */
  readonly counted = new Set<number>();
  readonly attempts: Attempt[] = [];
  readonly counts = new Map<string, number>();
  private readonly unbounded = new Set<string>();
  private readonly windowLooseUntilMs = new Map<string, number>();

  constructor(
    private readonly time: Timeline,
    /** Whether providers count more than was held, which nothing can undo. */
    private readonly isMisreported: boolean,
  ) {}

  note(what: string): void {
    this.counts.set(what, this.countOf(what) + 1);
  }

  countOf(what: string): number {
    return this.counts.get(what) ?? 0;
  }

  change(scope: MeteredScope, settings: Settings): void {
    const { requests, isStrict } = scope.settings;
    if (requests !== settings.requests || isStrict !== settings.isStrict)
      this.loosen(scope.scopeId, SETTLES_AFTER_MS);
    // What was admitted without a limit is not bounded by the one that comes.
    for (const what of COUNTED) {
      const comes = scope.settings[what] === null || !isStrict;
      if (settings[what] !== null && comes) this.unbounded.add(`${scope.scopeId} ${what}`);
    }
    scope.follow(settings);
  }

  /** The limits that bound everything that was ever admitted. */
  private limitsOf({ scopeId, settings: { cost, tokens } }: MeteredScope): [Counted, bigint][] {
    const limits = { cost, tokens: tokens === null ? null : BigInt(tokens) };
    return COUNTED.flatMap((what): [Counted, bigint][] => {
      const limit = limits[what];
      return limit === null || this.unbounded.has(`${scopeId} ${what}`) ? [] : [[what, limit]];
    });
  }

  private loosen(scopeId: string, ms: number): void {
    const until = Math.max(this.windowLooseUntilMs.get(scopeId) ?? 0, this.time.nowMs + ms);
    this.windowLooseUntilMs.set(scopeId, until);
  }

  /** An admission under the limits that count takes nobody above them. */
  admit(attempt: Attempt): void {
    this.attempts.push(attempt);
    this.note('admitted');
    for (const { scope, generation, revision, holding } of attempt.scopes) {
      const metered = this.scopes.get(scope.id)!;
      const { settings } = metered;
      const isCurrent = revision === settings.limitRevision && generation === settings.generation;
      const isCounted = scope.isStrict && (scope.settings.cost !== null || scope.settings.tokens !== null);
      if (isCounted && holding === null) throw new Error(`${scope.id}: an attempt was admitted on nothing`);
      if (isCurrent && isCounted) this.checkUse(metered, scope.periodAt(attempt.admittedAtMs), attempt);
      if (attempt.byFallback) this.loosen(scope.id, WINDOW_MS);
      this.checkWindow(metered);
    }
  }

  /** What a provider counted beyond a hold is known to the process that held it, and to others when it is told. */
  private checkUse(scope: MeteredScope, period: Period, { instance, process }: Attempt): void {
    const total = { cost: 0n, tokens: 0n };
    const over = { cost: 0n, tokens: 0n };
    for (const { scopes, admittedAtMs, bound, used, ...by } of this.attempts) {
      const here = scopes.find((one) => one.scope.id === scope.scopeId);
      if (!here || here.holding === null || here.generation !== scope.settings.generation) continue;
      const isOwn = by.instance === instance && by.process === process;
      if (used && used.tokens > bound.tokens && !isOwn) {
        over.tokens += BigInt(used.tokens - bound.tokens);
        over.cost += used.costPicodollars - bound.costPicodollars;
      }
      if (!contains(period, admittedAtMs)) continue;
      const { costPicodollars, tokens } = used ?? bound;
      total.cost += costPicodollars;
      total.tokens += BigInt(tokens);
    }
    for (const [what, limit] of this.limitsOf(scope)) {
      if (total[what] > limit + over[what])
        throw new Error(`${scope.scopeId}: ${what} ${total[what]} of ${limit} in ${period.id}`);
    }
    this.note('use checked');
  }

  private checkWindow(scope: MeteredScope): void {
    const { scopeId, settings } = scope;
    if (settings.requests === null || this.time.nowMs < (this.windowLooseUntilMs.get(scopeId) ?? 0)) return;
    let count = 0;
    for (let at = this.attempts.length - 1; at >= 0; at -= 1) {
      const { trueAtMs, scopes } = this.attempts[at]!;
      if (trueAtMs <= this.time.nowMs - WINDOW_MS) break;
      if (scopes.some(({ scope: one }) => one.id === scopeId)) count += 1;
    }
    if (count > settings.requests)
      throw new Error(`${scopeId}: ${count} admissions in 60 s of ${settings.requests}`);
    this.note('window checked');
  }

  /** A grant leaves what is used and what may be within the limit. */
  checkGrant(scope: MeteredScope, period: Period, { added }: Decision): void {
    const { settings, scopeId } = scope;
    const committed = scope.committedIn(period);
    if (added.cost > 0n && settings.cost !== null && committed.cost > settings.cost)
      throw new Error(`${scopeId}: granted cost to ${committed.cost} of ${settings.cost}`);
    if (added.tokens > 0n && settings.tokens !== null && committed.tokens > BigInt(settings.tokens))
      throw new Error(`${scopeId}: granted tokens to ${committed.tokens} of ${settings.tokens}`);
    const shared = scope.sharedAt(this.time.nowMs);
    if (added.requests > 0 && settings.requests !== null && shared > settings.requests)
      throw new Error(`${scopeId}: shares come to ${shared} of ${settings.requests}`);
    if (added.requests > 0 || added.tokens > 0n || added.cost > 0n) this.note('granted');
  }

  /** What a gateway keeps it was granted. */
  checkKept(scope: MeteredScope, { allowanceId, keeps }: Pick<Ask, 'allowanceId' | 'keeps'>): void {
    const known = scope.allowances.find(({ id }) => id === allowanceId);
    if (!known || known.state === 'lost' || this.isMisreported) return;
    for (const [what] of this.limitsOf(scope)) {
      if (keeps[what] > known.granted[what])
        throw new Error(`${scope.scopeId}: ${keeps[what]} ${what} kept of ${known.granted[what]}`);
    }
  }

  /** What is used and may be in the periods of now, of each scope. */
  committed(): Map<MeteredScope, Amounts> {
    return new Map(
      [...this.scopes.values()].map((scope) => [scope, scope.committedIn(scope.periodAt(this.time.nowMs))]),
    );
  }

  checkNoMore(before: Map<MeteredScope, Amounts>): void {
    for (const [scope, after] of this.committed()) {
      const was = before.get(scope)!;
      if (after.cost > was.cost || after.tokens > was.tokens)
        throw new Error(`${scope.scopeId}: time took what may be used from ${was.tokens} to ${after.tokens}`);
    }
  }

  /** A record turns what may be used into what is. */
  checkFold(scope: MeteredScope, before: Amounts, admittedAtMs: number): void {
    const after = scope.committedIn(scope.periodAt(admittedAtMs));
    if (this.isMisreported) return;
    for (const [what] of this.limitsOf(scope)) {
      if (after[what] > before[what])
        throw new Error(`${scope.scopeId}: a record took ${what} from ${before[what]} to ${after[what]}`);
    }
    this.note('folded');
  }

  /** A record whose allowance is forgotten had been told of before it was. */
  checkStray(scope: MeteredScope, generation: number, admittedAtMs: number): void {
    if (!this.isMisreported)
      throw new Error(`${scope.scopeId}: a record of g${generation} at ${admittedAtMs} is nobody's`);
  }

  /** Nothing is withheld that nobody holds, and what was used counts once. */
  checkEnd(gone: ReadonlySet<string>): void {
    for (const scope of this.scopes.values()) {
      const left = scope.allowances.filter(
        ({ holder, state }) => state !== 'lost' || !gone.has(holder.instance),
      );
      if (left.length > 0 || scope.shares.length > 0)
        throw new Error(`${scope.scopeId}: withheld ${show([...left, ...scope.shares])}`);
      const charged = scope.allowances.reduce((sum, one) => sum + one.charged.tokens, 0n);
      const counted = scope.lines.reduce((sum, { amounts }) => sum + amounts.tokens, 0n);
      let used = 0n;
      for (const attempt of this.attempts) {
        const isTold =
          attempt.used !== null && !(gone.has(attempt.instance) && !this.counted.has(attempt.id));
        if (isTold && attempt.scopes.some((one) => one.scope.id === scope.scopeId))
          used += BigInt(attempt.used!.tokens);
      }
      if (counted !== used + charged)
        throw new Error(`${scope.scopeId}: counted ${counted}, used ${used}, charged ${charged}`);
      if (charged > 0n) this.note('charged');
    }
  }
}

const show = (value: unknown) =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? part.toString() : part));
