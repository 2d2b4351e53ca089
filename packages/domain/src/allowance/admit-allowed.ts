import { admit, type Refusal, type Standing, tightest } from '../admission/admit.ts';
import { type Demand, fitOutput, type Grant } from '../admission/fit-output.ts';
import type { Lack, Rooms } from './scope-terms.ts';

/** How a limited scope stands, and what of it the gateway may use without asking. */
export interface AllowedStanding extends Standing {
  /** `null` where nothing of the scope is given out: it has soft limits of cost and tokens alone. */
  readonly rooms: Rooms | null;
}

export interface Lacking<S> extends Lack {
  readonly scope: S;
}

export type Admission<S> =
  /** It may go on; `grant` is what it holds, `null` where no scope is hard. */
  | { readonly outcome: 'admitted'; readonly grant: Grant | null }
  /** A limit is reached. */
  | { readonly outcome: 'refused'; readonly refusal: Refusal<S> }
  /** Metering is to be asked for this, and the decision made again when it has answered. */
  | { readonly outcome: 'lacking'; readonly lacking: readonly Lacking<S>[] }
  /** Nobody can tell whether a limit is reached. */
  | { readonly outcome: 'unavailable'; readonly scope: S };

/**
 * Decides whether a request may go on, on what the gateway was given of its scopes' limits. First come the limits
 * themselves, as `admit` sees them: what is reached is refused without asking anybody.
 *
 * @param demand what the attempt may come to at most; `null` where no scope is hard
 * @param isLast whether it can wait no longer: it gets what there is
 */
export function admitAllowed<S extends AllowedStanding>(
  scopes: readonly S[],
  demand: Demand | null,
  isLast: boolean,
): Admission<S> {
  const refusal = admit(scopes);
  if (refusal) return { outcome: 'refused', refusal };
  const bound = demand && boundOf(demand);
  const lacking: Lacking<S>[] = [];
  for (const scope of scopes) {
    const lack = lackOf(scope, bound);
    if (lack) lacking.push(lack);
  }
  if (lacking.length === 0) return { outcome: 'admitted', grant: bound };
  const worthAsking = lacking.some(({ scope }) => canAsk(scope));
  if (worthAsking && !isLast) return { outcome: 'lacking', lacking };
  const without = lacking.find(({ requests }) => requests > 0);
  if (without) return isKnown(without.scope) ? refusedWindow(without.scope) : unavailable(without.scope);
  return demand ? fitIn(scopes, demand) : { outcome: 'admitted', grant: null };
}

/** All that a demand may come to. */
function boundOf(demand: Demand): Grant {
  const fit = fitOutput(demand, { costPicodollars: null, tokens: null });
  if ('grant' in fit) return fit.grant;
  throw new RangeError('a demand fits where there is no limit');
}

function lackOf<S extends AllowedStanding>(scope: S, bound: Grant | null): Lacking<S> | null {
  const { rooms } = scope;
  if (!rooms) return null;
  const requests = rooms.requests !== null && rooms.requests < 1 ? 1 : 0;
  const lacksCost = bound && rooms.costPicodollars !== null && rooms.costPicodollars < bound.costPicodollars;
  const lacksTokens = bound && rooms.tokens !== null && rooms.tokens < bound.tokens;
  if (!requests && !lacksCost && !lacksTokens) return null;
  return {
    scope,
    requests: rooms.requests === null ? 0 : 1,
    costPicodollars: bound && rooms.costPicodollars !== null ? bound.costPicodollars : 0n,
    tokens: bound && rooms.tokens !== null ? bound.tokens : 0,
  };
}

const canAsk = ({ rooms }: AllowedStanding) => rooms?.verdict === 'ask' || rooms?.verdict === 'waiting';
const isKnown = ({ rooms }: AllowedStanding) => rooms?.verdict === 'short' || rooms?.verdict === 'waiting';

/** What other gateways have of the window is used as far as anyone who is refused here is concerned. */
function refusedWindow<S extends AllowedStanding>(scope: S): Admission<S> {
  const limit = scope.allowed.requestsPerMinute!;
  const refusal = { scope, dimension: 'requests_per_minute' as const, limit, used: limit };
  return { outcome: 'refused', refusal };
}

const unavailable = <S>(scope: S): Admission<S> => ({ outcome: 'unavailable', scope });

/** Gives the attempt what there is, where that is enough for anything. */
function fitIn<S extends AllowedStanding>(scopes: readonly S[], demand: Demand): Admission<S> {
  const cost = tightest(scopes, ({ rooms }) => rooms?.costPicodollars ?? null);
  const tokens = tightest(scopes, ({ rooms }) => rooms?.tokens ?? null);
  const fit = fitOutput(demand, { costPicodollars: cost?.room ?? null, tokens: tokens?.room ?? null });
  if ('grant' in fit) return { outcome: 'admitted', grant: fit.grant };
  const { scope } = (fit.tooSmall === 'cost_usd' ? cost : tokens)!;
  if (!isKnown(scope)) return unavailable(scope);
  const { allowed, used } = scope;
  const figures =
    fit.tooSmall === 'cost_usd'
      ? { limit: allowed.costPicodollars!, used: used.costPicodollars }
      : { limit: allowed.tokens!, used: used.tokens };
  return { outcome: 'refused', refusal: { scope, dimension: fit.tooSmall, ...figures } };
}
