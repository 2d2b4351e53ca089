import type { Limits, ScopeKind } from '@tollgate/contracts/limits';
import { Account } from '@tollgate/domain/admission/account';
import type { Allowed } from '@tollgate/domain/admission/admit';
import type { Generations } from '@tollgate/domain/admission/pending-records';
import { RollingWindow } from '@tollgate/domain/admission/rolling-window';
import type { AllowedScope } from '@tollgate/domain/allowance/scope-terms';
import type { Period } from '@tollgate/domain/period';
import type { EqualValues, Plan } from './equal-values.ts';

/** What a scope has once it is used. */
export interface Use {
  account: Account | null;
  window: RollingWindow | null;
  /** Of a key: what each of its usage records says of it, and all that its requests count on. */
  recordJson: string | null;
  scopes: Scopes | null;
}

/** A key, a team or the organization, as admission sees it. */
export interface Scope extends AllowedScope {
  readonly plan: Plan;
  account(nowMs: number): Account;
  /** Admissions of the last 60 s. To be asked of any scope: one that was not used keeps no window for it. */
  inWindow(steadyMs: number): number;
  /** The usage topic was made anew. */
  startAnew(): void;
}

/** What scopes of every kind have: limits, and from their first use on what was used of them. */
export abstract class LimitedScope implements Scope {
  abstract readonly kind: ScopeKind;
  abstract readonly id: string;
  abstract readonly generation: number;
  abstract readonly limitRevision: number;
  abstract readonly plan: Plan;
  protected use: Use | null = null;

  get allowed(): Allowed {
    return this.plan.allowed;
  }

  get isStrict(): boolean {
    return this.plan.isStrict;
  }

  periodAt(nowMs: number): Period {
    return this.plan.periodAt(nowMs);
  }

  account(nowMs: number): Account {
    const use = this.used();
    use.account ??= new Account(this.kind, nowMs, this.generation, this.plan.recurrence);
    return use.account;
  }

  inWindow(steadyMs: number): number {
    return this.use?.window?.countAt(steadyMs) ?? 0;
  }

  get window(): RollingWindow {
    const use = this.used();
    use.window ??= new RollingWindow();
    return use.window;
  }

  startAnew(): void {
    this.use?.account?.startAnew();
  }

  /** The scope was told to be otherwise. */
  protected changed(nowMs: number): void {
    this.use?.account?.follow(nowMs, this.generation, this.plan.recurrence);
  }

  protected used(): Use {
    this.use ??= { account: null, window: null, recordJson: null, scopes: null };
    return this.use;
  }
}

/** What is told of a team and of the organization. */
export interface SharedState {
  readonly id: string;
  readonly limits: Limits;
  readonly limit_revision: number;
  readonly generation: number;
}

/**
 * A team or the organization: what the requests of many keys count on together. One that is not known yet has no
 * limits, and counts from the first request on, so that limits which come later find what was used.
 */
export class SharedScope extends LimitedScope {
  generation = 0;
  limitRevision = 0;
  plan: Plan;
  private version = 0;

  constructor(
    readonly kind: 'team' | 'organization',
    readonly id: string,
    private readonly equal: EqualValues,
  ) {
    super();
    this.plan = equal.unlimited;
  }

  /** Moves on to a later version; an older one changes nothing. */
  follow(version: number, { limits, limit_revision, generation }: SharedState, nowMs: number): void {
    if (version <= this.version) return;
    this.version = version;
    this.plan = this.equal.plan(limits);
    this.generation = generation;
    this.limitRevision = limit_revision;
    this.changed(nowMs);
  }
}

/** A team, which is in the organization. */
export class TeamScope extends SharedScope {
  constructor(
    id: string,
    readonly organization: SharedScope,
    equal: EqualValues,
  ) {
    super('team', id, equal);
  }
}

/** The scopes of a request, in the order in which they are asked. */
export type Scopes = readonly [key: Scope, team: Scope, organization: Scope];

export const generationsOf = ([key, team, organization]: Scopes): Generations => ({
  key: key.generation,
  team: team.generation,
  organization: organization.generation,
});
