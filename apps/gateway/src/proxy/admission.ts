import { TollgateError } from '@tollgate/contracts/errors';
import type { Demand, Grant } from '@tollgate/domain/admission/fit-output';
import { dearest, type ModelPrice } from '@tollgate/domain/admission/price';
import { admitAllowed, type Lacking } from '@tollgate/domain/allowance/admit-allowed';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import { type Held, NOTHING } from '@tollgate/domain/allowance/held';
import type { Holding } from '@tollgate/domain/allowance/holding';
import type { Clocks } from '@tollgate/domain/allowance/scope-terms';
import { Holdings } from '../allowances/holdings.ts';
import type { Call } from '../call/call.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Scope } from '../key-state/scope.ts';
import type { Peers } from '../peers/peers.ts';
import { limitReached } from './limit-reached.ts';
import { type ScopeStanding, standings } from './standing.ts';
import { WHOSE } from './whose.ts';

/** Taken for the most a model can put out where nobody knows; its requests are then capped to it. */
const ASSUMED_OUTPUT_TOKENS = 16_384;

/** What an attempt was admitted with. Where no scope is hard, nothing is held. */
export interface Admitted {
  /** What it may come to at most. */
  readonly hold: Held | null;
  readonly holdings: Holdings | null;
  /** The cap that the provider must be given, for each choice; `null` leaves the client's. */
  readonly outputCap: number | null;
  /** Output tokens at which the answer is ended; `null` where nothing is held. */
  readonly outputLimit: number | null;
}

/** Metering is to be asked for this first. */
export interface Lacks {
  readonly lacking: readonly Lacking<ScopeStanding>[];
}

const FREELY: Admitted = { hold: null, holdings: null, outputCap: null, outputLimit: null };

/** Whether a scope of the key must never be exceeded. */
const isHard = ({ scopes }: KeyEntry): boolean => scopes.some(({ plan }) => plan.isHard);

/** Whether a scope of the key has a limit of cost. */
export const hasCostLimit = ({ scopes }: KeyEntry): boolean =>
  scopes.some(({ plan }) => plan.allowed.costPicodollars !== null);

/** Decides whether attempts may go on, and takes what they are admitted with: of all scopes of a key, or of none. */
export class Admission {
  constructor(
    private readonly allowances: Allowances,
    private readonly peers: Pick<Peers, 'othersLive'>,
  ) {}

  /**
   * Admits a request's first attempt, with a slot of every window.
   * @param isLast whether it can wait for metering no longer
   * @throws LimitReached, TollgateError `allowance_unavailable`, `unbounded_request`
   */
  request(
    key: KeyEntry,
    call: Call,
    price: ModelPrice | null,
    clocks: Clocks,
    isLast: boolean,
  ): Admitted | Lacks {
    const limited = this.standings(key, clocks, isLast);
    const admitted = this.admit(key, call, price, clocks, limited, isLast);
    if ('lacking' in admitted) return admitted;
    for (const scope of key.scopes) scope.window.admit(clocks.steadyMs);
    return admitted;
  }

  /** Holds what a further attempt of an admitted request may cost, if that fits. Retries are not admissions. */
  retry(key: KeyEntry, call: Call, price: ModelPrice | null, clocks: Clocks): Admitted | null {
    if (!isHard(key)) return FREELY;
    const limited = this.standings(key, clocks, true).map(outsideWindow);
    try {
      const admitted = this.admit(key, call, price, clocks, limited, true);
      return 'lacking' in admitted ? null : admitted;
    } catch (error) {
      if (error instanceof TollgateError) return null;
      throw error;
    }
  }

  private admit(
    key: KeyEntry,
    call: Call,
    price: ModelPrice | null,
    clocks: Clocks,
    limited: readonly ScopeStanding[],
    isLast: boolean,
  ): Admitted | Lacks {
    const demand = isHard(key) ? demandOf(call, price) : null;
    const decision = admitAllowed(limited, demand, isLast);
    switch (decision.outcome) {
      case 'admitted':
        return take(limited, call, price, decision.grant);
      case 'refused':
        throw limitReached(decision.refusal, this.allowances, clocks);
      case 'lacking':
        return decision;
      case 'unavailable':
        throw unavailable(decision.scope.scope);
    }
  }

  private standings(key: KeyEntry, clocks: Clocks, isLast: boolean): ScopeStanding[] {
    const limited = standings(key, clocks);
    for (const standing of limited) {
      const { scope } = standing;
      if (!scope.plan.isGivenOut) continue;
      standing.allowance = this.allowances.of(scope);
      standing.rooms = standing.allowance.rooms(clocks, this.fallbackFor(scope, isLast));
    }
    return limited;
  }

  /** What each gateway admits in 60 s, under soft enforcement, while metering cannot tell it. */
  private fallbackFor({ allowed }: Scope, isLast: boolean): number | null {
    if (!isLast && !this.allowances.isAway) return null;
    return Math.max(1, Math.floor((allowed.requestsPerMinute ?? 0) / (this.peers.othersLive + 1)));
  }
}

function take(
  limited: readonly ScopeStanding[],
  call: Call,
  price: ModelPrice | null,
  grant: Grant | null,
): Admitted {
  const holdings = takeAllowances(limited, grant ?? NOTHING);
  if (!grant) return holdings ? { ...FREELY, holdings } : FREELY;
  const { outputTokens, lowered } = grant;
  const isCapped = call.outputCap !== null || mostOutput(price) !== null;
  return {
    hold: grant,
    holdings,
    outputCap: call.choices > 0 && (lowered || !isCapped) ? outputTokens : null,
    outputLimit: outputTokens * call.choices,
  };
}

function takeAllowances(limited: readonly ScopeStanding[], bound: Held): Holdings | null {
  const taken: Holding[] = [];
  for (const { allowance } of limited) {
    const holding = allowance?.take(bound);
    if (holding) taken.push(holding);
  }
  return taken.length > 0 ? new Holdings(bound, taken) : null;
}

const outsideWindow = (standing: ScopeStanding): ScopeStanding => ({
  ...standing,
  inWindow: 0,
  rooms: standing.rooms && { ...standing.rooms, requests: null },
});

const mostOutput = (price: ModelPrice | null) => price?.maxOutputTokens ?? price?.contextWindow ?? null;

/** What an attempt may come to at most. @throws TollgateError `unbounded_request` */
function demandOf(call: Call, price: ModelPrice | null): Demand {
  const part = call.unboundedPart();
  if (part) throw unbounded(part);
  return {
    inputTokens: call.inputBound,
    outputTokens: call.outputCap ?? mostOutput(price) ?? ASSUMED_OUTPUT_TOKENS,
    choices: call.choices,
    price: price && dearest(price),
  };
}

const unbounded = (part: string) =>
  new TollgateError(
    'unbounded_request',
    `What "${part}" may cost cannot be bounded beforehand, and limits of this key are never exceeded ` +
      '(enforcement "hard"). Leave it out, or use a key with soft enforcement.',
    { param: part },
  );

const unavailable = ({ kind }: Scope) =>
  new TollgateError(
    'allowance_unavailable',
    `Limits of ${WHOSE[kind]} are never exceeded (enforcement "hard"), and this router cannot find out at the moment ` +
      'how much of them is left. Try again shortly.',
    { retryAfterSeconds: 1 },
  );
