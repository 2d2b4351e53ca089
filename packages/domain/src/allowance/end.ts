import { FURTHEST_BEHIND_MS } from '../record-clock.ts';
import { type Allowance, type Amounts, isSettled, NO_AMOUNTS, outstanding, type Share } from './book.ts';

/** An allowance after something happened to it, and what that changes in what its scope is charged. */
export interface Step {
  readonly allowance: Allowance;
  /** To be added to what was used in its period and generation; negative takes off what was charged. */
  readonly charge: Amounts;
}

/**
 * Records that name it were counted. Where it was lost they were charged already, so as much is taken off: what was used
 * counts once, whatever comes and whenever.
 */
export function arrive(allowance: Allowance, used: Amounts): Step {
  const { folded, charged, state } = allowance;
  const counted = { ...allowance, folded: plus(folded, used) };
  if (state !== 'lost') return { allowance: counted, charge: NO_AMOUNTS };
  const corrected = least(charged, used);
  return {
    allowance: { ...counted, charged: minus(charged, corrected) },
    charge: minus(NO_AMOUNTS, corrected),
  };
}

/** Its gateway has ended, and all its records were counted: nothing of it is outstanding. */
export function finish(allowance: Allowance): Step {
  const { folded, charged } = allowance;
  return {
    allowance: { ...allowance, granted: folded, charged: NO_AMOUNTS, state: 'returned' },
    charge: minus(NO_AMOUNTS, charged),
  };
}

/** Nobody will tell what was used of it: it is charged in full. */
export function lose(allowance: Allowance): Step {
  const charge = outstanding(allowance);
  return { allowance: { ...allowance, state: 'lost', charged: plus(allowance.charged, charge) }, charge };
}

/** What time makes of an allowance. */
export function fate(
  allowance: Allowance,
  nowMs: number,
  loseAfterMs: number,
): 'stays' | 'forgotten' | 'lost' {
  if (isSettled(allowance)) return 'forgotten';
  const silentMs = nowMs - allowance.heardMs;
  // Records as old as that are counted no more, whoever finds them.
  if (allowance.state === 'lost') return silentMs < loseAfterMs + FURTHEST_BEHIND_MS ? 'stays' : 'forgotten';
  if (silentMs < loseAfterMs) return 'stays';
  const { cost, tokens } = outstanding(allowance);
  return cost === 0n && tokens === 0n ? 'forgotten' : 'lost';
}

/**
 * The share of a gateway that has ended: nothing is admitted on it any more.
 * @param admitted how many of its admissions of the last 60 s were counted, none being left out
 */
export const finishShare = (share: Share, admitted: number, nowMs: number): Share => ({
  ...share,
  size: Math.min(share.size, admitted),
  uses: Math.min(share.uses, admitted),
  expiresMs: Math.min(share.expiresMs, nowMs),
});

const plus = (a: Amounts, b: Amounts): Amounts => ({ cost: a.cost + b.cost, tokens: a.tokens + b.tokens });
const minus = (a: Amounts, b: Amounts): Amounts => ({ cost: a.cost - b.cost, tokens: a.tokens - b.tokens });
const smaller = (a: bigint, b: bigint) => (b < a ? b : a);
const least = (a: Amounts, b: Amounts): Amounts => ({
  cost: smaller(a.cost, b.cost),
  tokens: smaller(a.tokens, b.tokens),
});
