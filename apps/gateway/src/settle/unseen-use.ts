import type { TokenCounts } from '@tollgate/contracts/events';
import { costOf, type ModelPrice } from '@tollgate/domain/admission/price';
import type { Held } from '@tollgate/domain/allowance/held';
import { FRAME_TOKENS } from '../call/call.ts';
import { estimateTokens, type SeenOutput } from '../usage/estimate.ts';

export interface Use {
  readonly tokens: TokenCounts;
  /** `null` where no price is known. */
  readonly costPicodollars: bigint | null;
}

/**
 * What an attempt is taken to have used that went to the provider and whose end nobody saw: under hard enforcement all
 * that was held for it, for it may have come to that; else its prompt, and of its output what was seen.
 */
export function unseenUse(
  requestBytes: number,
  hold: Held | null,
  seen: SeenOutput,
  price: ModelPrice | null,
): Use {
  const tokens = hold ? heldTokens(hold.tokens, requestBytes) : estimateTokens(requestBytes, seen);
  if (!price) return { tokens, costPicodollars: null };
  return { tokens, costPicodollars: hold ? hold.costPicodollars : costOf(tokens, price) };
}

function heldTokens(total: number, requestBytes: number): TokenCounts {
  const input = Math.min(total, requestBytes + FRAME_TOKENS);
  return { input, cached_input: 0, cache_write: 0, output: total - input, reasoning: 0, total };
}
