import type { Ask } from './ask.ts';
import {
  type Allowance,
  type Amounts,
  outstanding,
  outstandingIn,
  overlap,
  type ScopeBook,
  type Share,
  takenUp,
} from './book.ts';
import { sameHolder } from './holder.ts';

/** What the one who asks keeps. */
export interface Kept {
  readonly allowance: Allowance | null;
  readonly share: Share | null;
}

/** How one limit stands for the one who asks. */
export interface Room {
  readonly limit: 'cost' | 'tokens' | 'requests';
  /** What is left of it, that nobody has. */
  readonly free: bigint;
  /** What is used and may be beyond it. */
  readonly excess: bigint;
  /** What the asking gateway keeps and does not use. */
  readonly idle: bigint;
  readonly needs: bigint;
  /** What others have, and those of them who can be asked for it. */
  readonly elsewhere: bigint;
  readonly holders: readonly Other[];
}

export interface Other {
  readonly heardMs: number;
  readonly hasIdle: boolean;
}

export function roomsOf(book: ScopeBook, ask: Ask, kept: Kept, nowMs: number): Room[] {
  const { limits, settled } = book;
  const { period, generation, keeps, uses, needs, requests } = ask;
  const elsewhere = book.allowances.filter(
    (one) => one.id !== kept.allowance?.id && one.generation === generation && overlap(one.period, period),
  );
  const all = kept.allowance ? [...elsewhere, kept.allowance] : elsewhere;
  const taken = outstandingIn(all, period, generation);
  const othersHave = outstandingIn(elsewhere, period, generation);
  const isNew = kept.allowance?.id !== ask.allowanceId;
  const counted = (limit: 'cost' | 'tokens'): Room[] => {
    const most = limits[limit];
    if (most === null || !book.hard) return [];
    return [
      {
        limit,
        free: positive(most - settled[limit] - taken[limit]),
        excess: positive(settled[limit] + taken[limit] - most),
        idle: isNew ? 0n : positive(keeps[limit] - uses[limit]),
        needs: needs[limit],
        elsewhere: othersHave[limit],
        holders: elsewhere
          .filter((one) => one.state === 'held' && outstanding(one)[limit] > 0n)
          .map((one) => ({ heardMs: one.heardMs, hasIdle: one.granted[limit] > one.busy[limit] })),
      },
    ];
  };
  const others = book.shares.filter((one) => !sameHolder(one.holder, ask.holder) && takenUp(one, nowMs) > 0);
  const elsewhereShared = others.reduce((sum, one) => sum + takenUp(one, nowMs), 0);
  const shared = elsewhereShared + (kept.share ? takenUp(kept.share, nowMs) : 0);
  const window: Room[] =
    limits.requests === null || requests === null
      ? []
      : [
          {
            limit: 'requests',
            free: positive(BigInt(limits.requests - shared)),
            excess: 0n,
            idle: positive(BigInt(requests.keeps - requests.uses)),
            needs: BigInt(requests.needs),
            elsewhere: BigInt(elsewhereShared),
            holders: others
              .filter(({ expiresMs }) => nowMs < expiresMs)
              .map((one) => ({ heardMs: one.heardMs, hasIdle: one.size > one.uses })),
          },
        ];
  return [...counted('cost'), ...counted('tokens'), ...window];
}

/** What of a grant may be used where more is used already than there is. */
export function within(granted: Amounts, rooms: readonly Room[]): Amounts {
  const spendable = { ...granted };
  for (const { limit, excess } of rooms) {
    if (limit !== 'requests') spendable[limit] = positive(granted[limit] - excess);
  }
  return spendable;
}

/** What is free is shared so that each gateway has as much that it does not use; who needs more gets that. */
export function partOf({ free, idle, needs }: Room, { wants, live }: Ask): bigint {
  const part = wants === 'part' ? (free + idle) / BigInt(live) - idle : 0n;
  const wanted = part > needs ? part : needs;
  return wanted < free ? positive(wanted) : free;
}

export const positive = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
