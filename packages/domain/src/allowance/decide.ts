import type { Ask } from './ask.ts';
import { type Allowance, type Amounts, NO_AMOUNTS, type ScopeBook, type Share, takenUp } from './book.ts';
import { LEASE_MS, sameHolder } from './holder.ts';
import { type Kept, type Other, partOf, type Room, roomsOf, within } from './rooms.ts';

export interface Decision {
  /**
   * `granted`: as asked, or what there is; `short`: all there is, and less than was needed; `waiting`: others are being
   * asked for what they do not need; `behind`: one of the two does not know yet what the other knows of the scope.
   */
  readonly outcome: 'granted' | 'short' | 'waiting' | 'behind';
  /** As it is from now on; `null` where the gateway has none. */
  readonly allowance: Allowance | null;
  readonly share: Share | null;
  /**
   * How far the gateway may use its allowance: all that was granted, less what is above the limit where that was lowered
   * or a provider counted beyond a hold. What was held when that came to be may become free, and is not used again.
   */
  readonly spendable: Amounts;
  /** What was granted of each limit now; for metrics. */
  readonly added: Amounts & { readonly requests: number };
  /** Whether the gateways are to be asked for what they do not need. */
  readonly recalls: boolean;
  /** Whether there is anything beyond what the gateway has now: where not, it need not ask ahead. */
  readonly more: boolean;
  /** For so long asking again is in vain, in ms. */
  readonly againMs: number;
}

/** A gateway that was asked for what it does not need answers within this. */
export const RECALL_ANSWER_MS = 1_000;
/** Who waits for others asks again after this. */
const AGAIN_WAITING_MS = 100;
/** Where all is in use, some of it may be free after this … */
const AGAIN_SHORT_MS = 1_000;
/** … and where nobody else has anything, only an administrator can change that, which has a revision of its own. */
const AGAIN_ALONE_MS = 10_000;

/**
 * Decides what a gateway gets of a scope. First it is believed what it keeps, so that the rest is free; then it is
 * granted, of each limit,
 *
 *     settled + what all gateways may still come to ≤ limit
 *
 * as much as its part of what is free, and no less than it needs where there is that much.
 *
 * @param newId of the allowance that is made where the gateway has none yet
 */
export function decide(book: ScopeBook, ask: Ask, newId: string, nowMs: number): Decision {
  const kept = keep(book, ask, nowMs);
  if (ask.wants === 'nothing') return told('granted', kept);
  // Who goes by other limits may keep, by these, more than there is.
  const isOfOneMind = ask.generation === book.generation && ask.limitRevision === book.limitRevision;
  if (!isOfOneMind || ask.periodId !== ask.period.id) {
    return { ...told('behind', kept), againMs: AGAIN_WAITING_MS };
  }
  const rooms = roomsOf(book, ask, kept, nowMs);
  const lacking = rooms.filter(({ free, needs }) => free < needs);
  const mayGive = lacking
    .flatMap(({ holders }) => holders)
    .filter((holder) => mayHaveIdle(holder, book.recalledMs, nowMs));
  if (mayGive.length > 0) {
    const wait = grant(kept, { ...ask, newId }, rooms, (room) => room.free >= room.needs, nowMs);
    const recalls = !mayGive.some(({ heardMs }) => isAsked(heardMs, book.recalledMs));
    return { ...wait, outcome: 'waiting', recalls, againMs: AGAIN_WAITING_MS };
  }
  const all = grant(kept, { ...ask, newId }, rooms, () => true, nowMs);
  if (lacking.length === 0) return all;
  const isAlone = lacking.every(({ elsewhere }) => elsewhere === 0n);
  return { ...all, outcome: 'short', againMs: isAlone ? AGAIN_ALONE_MS : AGAIN_SHORT_MS };
}

/** Takes the gateway at its word. What a provider counted beyond its hold it keeps above what it was granted. */
function keep(book: ScopeBook, ask: Ask, nowMs: number): Kept {
  const { holder, requests } = ask;
  const leaves = ask.wants === 'nothing';
  const known = knownAllowance(book, ask);
  const isNamed = known?.id === ask.allowanceId;
  const allowance = known && {
    ...known,
    granted: isNamed ? ask.keeps : NO_AMOUNTS,
    busy: isNamed ? ask.uses : NO_AMOUNTS,
    heardMs: nowMs,
    state: leaves ? ('returned' as const) : ('held' as const),
  };
  const had = book.shares.find((one) => sameHolder(one.holder, holder));
  if (requests === null) return { allowance, share: had ?? null };
  if (!had && requests.keeps === 0) return { allowance, share: null };
  const expiresMs = leaves ? nowMs : nowMs + LEASE_MS;
  const { keeps: size, uses: inWindow } = requests;
  const share = { holder, size, uses: inWindow, heardMs: nowMs, expiresMs };
  return { allowance, share: withinLimit(share, book, nowMs) };
}

/**
 * What a gateway admitted beyond the limit, while it had no word from metering or before the limit was lowered, takes
 * up room for as long as it counts; but nothing is admitted in its place.
 */
function withinLimit(share: Share, { limits, shares }: ScopeBook, nowMs: number): Share {
  if (limits.requests === null) return share;
  const others = shares.filter(({ holder }) => !sameHolder(holder, share.holder));
  const left = limits.requests - others.reduce((sum, one) => sum + takenUp(one, nowMs), 0);
  return { ...share, size: Math.max(0, Math.min(share.size, left)) };
}

/**
 * The one that it names; else one whose grant it never heard of, which it has not used. Where it gives back one that is
 * no more, another stays.
 */
function knownAllowance(book: ScopeBook, ask: Ask): Allowance | null {
  const { holder, allowanceId, periodId, generation, wants } = ask;
  const own = book.allowances.filter((one) => sameHolder(one.holder, holder) && one.state !== 'lost');
  const named = own.find(({ id }) => id === allowanceId);
  if (named || (allowanceId !== null && wants === 'nothing')) return named ?? null;
  const isOfPlace = (one: Allowance) => one.period.id === periodId && one.generation === generation;
  return own.find((one) => one.state === 'held' && isOfPlace(one)) ?? null;
}

/** Was asked for what it does not need, and has not answered. */
const isAsked = (heardMs: number, recalledMs: number | null) => recalledMs !== null && heardMs < recalledMs;

/**
 * Whether a holder may have something that it does not use: it said so, or it said that it has nothing a while ago. One
 * that does not answer is not waited for, nor asked again before it speaks.
 */
function mayHaveIdle({ heardMs, hasIdle }: Other, recalledMs: number | null, nowMs: number): boolean {
  if (isAsked(heardMs, recalledMs)) return nowMs - recalledMs! < RECALL_ANSWER_MS;
  return hasIdle || nowMs - heardMs >= AGAIN_SHORT_MS;
}

function grant(
  { allowance, share }: Kept,
  ask: Ask & { readonly newId: string },
  rooms: readonly Room[],
  mayHave: (room: Room) => boolean,
  nowMs: number,
): Decision {
  const added = { cost: 0n, tokens: 0n, requests: 0n };
  for (const room of rooms) if (mayHave(room)) added[room.limit] = partOf(room, ask);
  const requests = Number(added.requests);
  const base = allowance ?? (added.cost > 0n || added.tokens > 0n ? newAllowance(ask, nowMs) : null);
  const granted = base && {
    cost: base.granted.cost + added.cost,
    tokens: base.granted.tokens + added.tokens,
  };
  return {
    ...told('granted', {
      allowance: base && granted && { ...base, granted },
      share:
        ask.requests && (share || requests > 0)
          ? {
              holder: ask.holder,
              size: (share?.size ?? 0) + requests,
              uses: ask.requests.uses,
              heardMs: nowMs,
              expiresMs: nowMs + LEASE_MS,
            }
          : share,
    }),
    spendable: granted ? within(granted, rooms) : NO_AMOUNTS,
    added: { ...added, requests },
    more: rooms.some(({ limit, free, elsewhere }) => elsewhere > 0n || free > added[limit]),
  };
}

const newAllowance = (
  { newId, holder, period, generation }: Ask & { readonly newId: string },
  nowMs: number,
): Allowance => ({
  id: newId,
  holder,
  period,
  generation,
  granted: NO_AMOUNTS,
  busy: NO_AMOUNTS,
  folded: NO_AMOUNTS,
  charged: NO_AMOUNTS,
  state: 'held',
  heardMs: nowMs,
});

const told = (outcome: Decision['outcome'], { allowance, share }: Kept): Decision => ({
  outcome,
  allowance,
  share,
  spendable: allowance?.granted ?? NO_AMOUNTS,
  added: { cost: 0n, tokens: 0n, requests: 0 },
  recalls: false,
  more: false,
  againMs: 0,
});

/** The book after a decision. */
export function withDecision(book: ScopeBook, { holder }: Ask, decision: Decision, nowMs: number): ScopeBook {
  const { allowance, share, recalls } = decision;
  return {
    ...book,
    allowances: allowance
      ? [...book.allowances.filter(({ id }) => id !== allowance.id), allowance]
      : book.allowances,
    shares: [...book.shares.filter((one) => !sameHolder(one.holder, holder)), ...(share ? [share] : [])],
    recalledMs: recalls ? nowMs : book.recalledMs,
  };
}
