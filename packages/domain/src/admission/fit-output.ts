import type { Dimension } from '@tollgate/contracts/limits';
import type { DearestPrice } from './price.ts';

/** An upper bound of what an attempt may use. Prices are the dearest of their kind, in picodollars per token. */
export interface Demand {
  /** No fewer than the provider can count as input. */
  readonly inputTokens: number;
  /** Output tokens that may be asked for in each choice: the client's cap, else the model's maximum. */
  readonly outputTokens: number;
  /** Answers generated side by side; 0 where the endpoint has no output. */
  readonly choices: number;
  /** `null` where the model has no price; such a request is not admitted under a cost limit. */
  readonly price: DearestPrice | null;
}

/** What is left under each limit after everything settled and held; `null` is unlimited. */
export interface Room {
  readonly costPicodollars: bigint | null;
  readonly tokens: number | null;
}

/** What an attempt is granted: never more than there was room for. */
export interface Grant {
  /** The cap of each choice's output tokens. */
  readonly outputTokens: number;
  /** Whether that is less than was asked for, so that the provider has to be told. */
  readonly lowered: boolean;
  readonly costPicodollars: bigint;
  readonly tokens: number;
}

export type Fit =
  | { readonly grant: Grant }
  | { readonly tooSmall: Exclude<Dimension, 'requests_per_minute'> };

/**
 * Fits an attempt into the room that is left, under hard enforcement: as much output as was asked for, or as much
 * as fits; refused only where not even one token of output does.
 */
export function fitOutput(demand: Demand, room: Room): Fit {
  const { inputTokens, outputTokens, choices, price } = demand;
  const byCost = room.costPicodollars === null ? null : outputWithinCost(demand, room.costPicodollars);
  const byTokens = room.tokens === null ? null : outputWithinTokens(demand, room.tokens);
  const least = choices === 0 ? 0 : 1;
  if (byCost !== null && byCost < least) return { tooSmall: 'cost_usd' };
  if (byTokens !== null && byTokens < least) return { tooSmall: 'tokens' };
  const fitting = Math.min(outputTokens, byCost ?? outputTokens, byTokens ?? outputTokens);
  const output = choices * fitting;
  const cost = price ? inputCost(inputTokens, price) + BigInt(output) * price.output : 0n;
  return {
    grant: {
      outputTokens: fitting,
      lowered: fitting < outputTokens,
      costPicodollars: cost,
      tokens: inputTokens + output,
    },
  };
}

/** Output tokens of each choice that fit into `room` picodollars; negative where not even the input fits. */
function outputWithinCost({ inputTokens, choices, price }: Demand, room: bigint): number {
  if (!price) return -1;
  const left = room - inputCost(inputTokens, price);
  if (left < 0n) return -1;
  const each = BigInt(choices) * price.output;
  if (each === 0n) return Number.MAX_SAFE_INTEGER;
  const fitting = left / each;
  return fitting > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(fitting);
}

const inputCost = (inputTokens: number, price: DearestPrice): bigint =>
  price.perRequest + BigInt(inputTokens) * price.input;

function outputWithinTokens({ inputTokens, choices }: Demand, room: number): number {
  const left = room - inputTokens;
  if (left < 0) return -1;
  return choices === 0 ? Number.MAX_SAFE_INTEGER : Math.floor(left / choices);
}
