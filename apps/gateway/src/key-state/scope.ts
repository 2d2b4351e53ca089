import type { Limits } from '@tollgate/contracts/limits';
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
export class SharedScope implements Scope {
  generation = 0;
  limitRevision = 0;
  plan: Plan;
  private version = 0;
  private use: Use | null = null;

  constructor(
    readonly kind: 'team' | 'organization',
    readonly id: string,
    private readonly equal: EqualValues,
  ) {
    this.plan = equal.unlimited;
  }

  /** Moves on to a later version; an older one changes nothing. */
  follow(version: number, { limits, limit_revision, generation }: SharedState, nowMs: number): void {
    if (version <= this.version) return;
    this.version = version;
    this.plan = this.equal.plan(limits);
    this.generation = generation;
    this.limitRevision = limit_revision;
    this.use?.account?.follow(nowMs, generation, this.plan.recurrence);
  }

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
    this.use ??= { account: null, window: null };
    this.use.account ??= new Account(this.kind, nowMs, this.generation, this.plan.recurrence);
    return this.use.account;
  }

  startAnew(): void {
    this.use?.account?.startAnew();
  }

  inWindow(steadyMs: number): number {
    return this.use?.window?.countAt(steadyMs) ?? 0;
  }

  get window(): RollingWindow {
    this.use ??= { account: null, window: null };
    this.use.window ??= new RollingWindow();
    return this.use.window;
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
