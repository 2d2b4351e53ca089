import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Allowed } from '../admission/admit.ts';
import type { RollingWindow } from '../admission/rolling-window.ts';
import type { Period } from '../period.ts';
import type { Ask } from './ask.ts';
import type { Decision } from './decide.ts';
import { type Held, NOTHING } from './held.ts';

/** A key, team or organization as the gateway knows it at any moment. */
export interface AllowedScope {
  readonly kind: ScopeKind;
  readonly id: string;
  readonly generation: number;
  readonly limitRevision: number;
  readonly allowed: Allowed;
  /** Whether its enforcement is `hard`. */
  readonly isStrict: boolean;
  readonly window: RollingWindow;
  /** The period, by the scope's recurrence of now, that contains an instant of the gateway's wall clock. */
  periodAt(nowMs: number): Period;
}

/** A gateway's clocks, in ms. */
export interface Clocks {
  /** The wall's, which stamps admissions: their period is the one that contains it. */
  readonly nowMs: number;
  /** One that no correction moves, and that may stand still while the machine sleeps: for windows, which then close late. */
  readonly steadyMs: number;
  /** One that goes with whichever of the two went further, and never back: for leases, which then end early. */
  readonly leaseMs: number;
}

/** What a request may still take of a scope here; `null` is no limit. */
export interface Rooms {
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
  readonly requests: number | null;
  /**
   * Where there is too little: `ask` metering; `waiting`: it has asked others for theirs; `short`: it has no more for
   * now; `away`: it does not answer.
   */
  readonly verdict: 'ask' | 'waiting' | 'short' | 'away';
}

/** What requests wait for. */
export interface Lack extends Held {
  readonly requests: number;
}

/** What the gateway says of a scope in a call; see {@link Ask}. */
export interface ScopeAsk extends Pick<Ask, 'generation' | 'limitRevision' | 'allowanceId' | 'wants'> {
  readonly scopeId: string;
  readonly period: Period;
  /** An instant of the period that it is about, in ms. */
  readonly atMs: number;
  readonly keeps: Held;
  readonly uses: Held;
  readonly needs: Held;
  readonly requests: Ask['requests'];
}

/** What metering answers of a scope. */
export interface ScopeAnswer extends Pick<Decision, 'outcome' | 'more' | 'againMs'> {
  readonly allowanceId: string | null;
  /** In all, of that allowance. */
  readonly granted: Held;
  /** Of the window. */
  readonly share: number;
}

export const NO_LACK: Lack = { ...NOTHING, requests: 0 };

export const isSome = ({ costPicodollars, tokens, requests }: Lack): boolean =>
  costPicodollars > 0n || tokens > 0 || requests > 0;
