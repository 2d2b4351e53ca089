import { TollgateError } from '@tollgate/contracts/errors';
import { admit, admitHard } from '@tollgate/domain/admission/admit';
import type { Hold } from '@tollgate/domain/admission/holds';
import { dearest, type ModelPrice } from '@tollgate/domain/admission/price';
import type { Call } from '../call/call.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import { generationsOf } from '../key-state/scope.ts';
import { limitReached } from './limit-reached.ts';
import { type ScopeStanding, standings } from './standing.ts';

/** Taken for the most a model can put out where nobody knows; its requests are then capped to it. */
const ASSUMED_OUTPUT_TOKENS = 16_384;

/** What an attempt was admitted with. Where no scope is hard, nothing is held. */
export interface Admitted {
  readonly hold: Hold | null;
  /** The cap that the provider must be given, for each choice; `null` leaves the client's. */
  readonly outputCap: number | null;
  /** Output tokens at which the answer is ended; `null` where nothing is held. */
  readonly outputLimit: number | null;
}

const FREELY: Admitted = { hold: null, outputCap: null, outputLimit: null };

/** Whether a scope of the key must never be exceeded. */
export const isHard = ({ scopes }: KeyEntry): boolean => scopes.some(({ plan }) => plan.isHard);

/** Whether a scope of the key has a limit of cost. */
export const hasCostLimit = ({ scopes }: KeyEntry): boolean =>
  scopes.some(({ plan }) => plan.allowed.costPicodollars !== null);

/**
 * Admits a request's first attempt: the window slots and holds of all its scopes are taken together, or none.
 * @throws LimitReached
 */
export function admitRequest(key: KeyEntry, call: Call, price: ModelPrice | null, nowMs: number): Admitted {
  const limited = standings(key, nowMs);
  const admitted = isHard(key) ? hold(key, limited, call, price, nowMs) : admitSoftly(limited, nowMs);
  for (const scope of key.scopes) scope.window.admit(nowMs);
  return admitted;
}

/** Holds what a further attempt of an admitted request may cost, if that fits. Retries are not admissions. */
export function admitRetry(
  key: KeyEntry,
  call: Call,
  price: ModelPrice | null,
  nowMs: number,
): Admitted | null {
  if (!isHard(key)) return FREELY;
  const limited = standings(key, nowMs).map((standing) => ({ ...standing, inWindow: 0 }));
  try {
    return hold(key, limited, call, price, nowMs);
  } catch (error) {
    if (error instanceof TollgateError) return null;
    throw error;
  }
}

function admitSoftly(limited: readonly ScopeStanding[], nowMs: number): Admitted {
  const refusal = admit(limited);
  if (refusal) throw limitReached(refusal, nowMs);
  return FREELY;
}

function hold(
  key: KeyEntry,
  limited: readonly ScopeStanding[],
  call: Call,
  price: ModelPrice | null,
  nowMs: number,
): Admitted {
  const part = call.unboundedPart();
  if (part) throw unbounded(part);
  const most = price?.maxOutputTokens ?? price?.contextWindow ?? null;
  const decision = admitHard(limited, {
    inputTokens: call.inputBound,
    outputTokens: call.outputCap ?? most ?? ASSUMED_OUTPUT_TOKENS,
    choices: call.choices,
    price: price && dearest(price),
  });
  if ('refusal' in decision) throw limitReached(decision.refusal, nowMs);
  const { outputTokens, lowered, costPicodollars, tokens } = decision.grant;
  const generations = generationsOf(key.scopes);
  const taken: Hold = { admittedAtMs: nowMs, generations, costPicodollars, tokens };
  for (const scope of key.scopes) scope.account(nowMs).hold(taken);
  const mustBeTold = call.choices > 0 && (lowered || (call.outputCap === null && most === null));
  return {
    hold: taken,
    outputCap: mustBeTold ? outputTokens : null,
    outputLimit: outputTokens * call.choices,
  };
}

const unbounded = (part: string) =>
  new TollgateError(
    'unbounded_request',
    `What "${part}" may cost cannot be bounded beforehand, and limits of this key are never exceeded ` +
      '(enforcement "hard"). Leave it out, or use a key with soft enforcement.',
    { param: part },
  );
