import { TollgateError } from '@tollgate/contracts/errors';
import { admit, admitHard } from '@tollgate/domain/admission/admit';
import type { Hold } from '@tollgate/domain/admission/holds';
import { dearest, type ModelPrice } from '@tollgate/domain/admission/price';
import type { Call } from '../call/call.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import { limitReached } from './limit-reached.ts';

/** Taken for the most a model can put out where nobody knows; its requests are then capped to it. */
const ASSUMED_OUTPUT_TOKENS = 16_384;

/** What an attempt was admitted with. Soft enforcement holds nothing. */
export interface Admitted {
  readonly hold: Hold | null;
  /** The cap that the provider must be given, for each choice; `null` leaves the client's. */
  readonly outputCap: number | null;
  /** Output tokens at which the answer is ended; `null` where nothing is held. */
  readonly outputLimit: number | null;
}

const FREELY: Admitted = { hold: null, outputCap: null, outputLimit: null };

export const isHard = ({ limits, allowed }: KeyEntry): boolean =>
  limits.enforcement === 'hard' && (allowed.costPicodollars !== null || allowed.tokens !== null);

/**
 * Admits a request's first attempt: window slot and hold are taken together, or neither.
 * @throws LimitReached
 */
export function admitRequest(key: KeyEntry, call: Call, price: ModelPrice | null, nowMs: number): Admitted {
  const admitted = isHard(key)
    ? hold(key, call, price, nowMs, key.window.countAt(nowMs))
    : admitSoftly(key, nowMs);
  key.window.admit(nowMs);
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
  try {
    return hold(key, call, price, nowMs, 0);
  } catch (error) {
    if (error instanceof TollgateError) return null;
    throw error;
  }
}

function admitSoftly(key: KeyEntry, nowMs: number): Admitted {
  const refusal = admit(key.allowed, key.account(nowMs).usedAt(nowMs), key.window.countAt(nowMs));
  if (refusal) throw limitReached(key, refusal, nowMs);
  return FREELY;
}

function hold(
  key: KeyEntry,
  call: Call,
  price: ModelPrice | null,
  nowMs: number,
  inWindow: number,
): Admitted {
  const part = call.unboundedPart();
  if (part) throw unbounded(part);
  const account = key.account(nowMs);
  const most = price?.maxOutputTokens ?? price?.contextWindow ?? null;
  const decision = admitHard(key.allowed, account.usedAt(nowMs), account.heldAt(nowMs), inWindow, {
    inputTokens: call.inputBound,
    outputTokens: call.outputCap ?? most ?? ASSUMED_OUTPUT_TOKENS,
    choices: call.choices,
    price: price && dearest(price),
  });
  if ('refusal' in decision) throw limitReached(key, decision.refusal, nowMs);
  const { outputTokens, lowered, costPicodollars, tokens } = decision.grant;
  const taken: Hold = { admittedAtMs: nowMs, generation: key.generation, costPicodollars, tokens };
  account.hold(taken);
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
    `What "${part}" may cost cannot be bounded beforehand, and this key never exceeds its limits ` +
      '(enforcement "hard"). Leave it out, or use a key with soft enforcement.',
    { param: part },
  );
