import { formatUsd } from '@tollgate/contracts/money';
import { tightest } from '@tollgate/domain/admission/admit';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import type { Clocks } from '@tollgate/domain/allowance/scope-terms';
import { instantWriter } from '../instant-writer.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { Scope } from '../key-state/scope.ts';
import type { Answer } from './answer.ts';
import { leftOf } from './standing.ts';

const resetsAt = instantWriter();
const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1_000));

/**
 * Says on every answer how the limits stand that a key has, its team's and the organization's included: of each kind
 * the one with least left.
 */
export function setLimitHeaders(answer: Answer, key: KeyEntry, allowances: Allowances, clocks: Clocks): void {
  const limited = key.scopes.filter(({ plan }) => plan.isLimited);
  if (limited.length === 0) return;
  setRequests(answer, limited, clocks);
  const left = limited.map((scope) => leftOf(scope, allowances, clocks));
  const cost = tightest(left, ({ costPicodollars }) => costPicodollars);
  if (cost) {
    answer.set('x-tollgate-cost-limit-usd', cost.scope.of.plan.limits.cost_usd!);
    answer.set('x-tollgate-cost-remaining-usd', formatUsd(cost.room < 0n ? 0n : cost.room));
  }
  const tokens = tightest(left, (of) => of.tokens);
  if (tokens) {
    answer.set('x-tollgate-tokens-limit', tokens.scope.of.allowed.tokens!);
    answer.set('x-tollgate-tokens-remaining', Math.max(0, tokens.room));
  }
  const shown = (cost ?? tokens)?.scope.of;
  const endMs = shown?.account(clocks.nowMs).periodAt(clocks.nowMs).endMs ?? null;
  if (endMs !== null) answer.set('x-tollgate-resets-at', resetsAt(endMs));
}

function setRequests(answer: Answer, scopes: readonly Scope[], { steadyMs }: Clocks): void {
  const requests = tightest(scopes, (scope) => requestsLeft(scope, steadyMs));
  if (!requests) return;
  const { scope, room } = requests;
  const limit = scope.allowed.requestsPerMinute!;
  const inWindow = limit - room;
  const nextFreeMs = inWindow === 0 ? 0 : scope.window.opensAt(steadyMs, inWindow) - steadyMs;
  answer.set('x-ratelimit-limit-requests', limit);
  answer.set('x-ratelimit-remaining-requests', Math.max(0, room));
  answer.set('x-ratelimit-reset-requests', `${seconds(nextFreeMs)}s`);
}

const requestsLeft = (scope: Scope, steadyMs: number) => {
  const { requestsPerMinute } = scope.allowed;
  return requestsPerMinute === null ? null : requestsPerMinute - scope.inWindow(steadyMs);
};
