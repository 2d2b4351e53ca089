import type { ServerResponse } from 'node:http';
import { formatUsd } from '@tollgate/contracts/money';
import { costRoom, requestRoom, tightest, tokenRoom } from '@tollgate/domain/admission/admit';
import type { Clocks } from '@tollgate/domain/allowance/scope-terms';
import type { KeyEntry } from '../key-state/key-entry.ts';
import { type ScopeStanding, standings } from './standing.ts';

const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1_000));

/**
 * Says on every answer how the limits stand that a key has, its team's and the organization's included: of each kind
 * the one with least left.
 */
export function setLimitHeaders(res: ServerResponse, key: KeyEntry, clocks: Clocks): void {
  const limited = standings(key, clocks);
  if (limited.length === 0) return;
  setRequests(res, limited, clocks);
  const cost = tightest(limited, costRoom);
  if (cost) {
    res.setHeader('x-tollgate-cost-limit-usd', formatUsd(cost.scope.allowed.costPicodollars!));
    res.setHeader('x-tollgate-cost-remaining-usd', formatUsd(cost.room < 0n ? 0n : cost.room));
  }
  const tokens = tightest(limited, tokenRoom);
  if (tokens) {
    res.setHeader('x-tollgate-tokens-limit', tokens.scope.allowed.tokens!);
    res.setHeader('x-tollgate-tokens-remaining', Math.max(0, tokens.room));
  }
  const shown = cost ?? tokens;
  const endMs = shown?.scope.scope.account(clocks.nowMs).periodAt(clocks.nowMs).endMs ?? null;
  if (endMs !== null) res.setHeader('x-tollgate-resets-at', new Date(endMs).toISOString());
}

function setRequests(res: ServerResponse, limited: readonly ScopeStanding[], { steadyMs }: Clocks): void {
  const requests = tightest(limited, requestRoom);
  if (!requests) return;
  const { scope, inWindow, allowed } = requests.scope;
  const nextFreeMs = inWindow === 0 ? 0 : scope.window.opensAt(steadyMs, inWindow) - steadyMs;
  res.setHeader('x-ratelimit-limit-requests', allowed.requestsPerMinute!);
  res.setHeader('x-ratelimit-remaining-requests', Math.max(0, requests.room));
  res.setHeader('x-ratelimit-reset-requests', `${seconds(nextFreeMs)}s`);
}
