import type { ServerResponse } from 'node:http';
import { formatUsd } from '@tollgate/contracts/money';
import type { KeyEntry } from '../key-state/key-entry.ts';

const atLeastZero = (value: bigint) => (value < 0n ? 0n : value);
const seconds = (ms: number) => Math.max(0, Math.ceil(ms / 1_000));

/** Says on every answer how a key's limits stand: only those it has. */
export function setLimitHeaders(res: ServerResponse, key: KeyEntry, nowMs: number): void {
  const { requestsPerMinute, costPicodollars, tokens } = key.allowed;
  if (requestsPerMinute !== null) {
    const { window } = key;
    const inWindow = window.countAt(nowMs);
    const nextFreeMs = inWindow === 0 ? 0 : window.opensAt(nowMs, inWindow) - nowMs;
    res.setHeader('x-ratelimit-limit-requests', requestsPerMinute);
    res.setHeader('x-ratelimit-remaining-requests', Math.max(0, requestsPerMinute - inWindow));
    res.setHeader('x-ratelimit-reset-requests', `${seconds(nextFreeMs)}s`);
  }
  if (costPicodollars === null && tokens === null) return;
  const account = key.account(nowMs);
  const used = account.usedAt(nowMs);
  const held = account.heldAt(nowMs);
  if (costPicodollars !== null) {
    res.setHeader('x-tollgate-cost-limit-usd', formatUsd(costPicodollars));
    res.setHeader(
      'x-tollgate-cost-remaining-usd',
      formatUsd(atLeastZero(costPicodollars - used.costPicodollars - held.costPicodollars)),
    );
  }
  if (tokens !== null) {
    res.setHeader('x-tollgate-tokens-limit', tokens);
    res.setHeader('x-tollgate-tokens-remaining', Math.max(0, tokens - used.tokens - held.tokens));
  }
  const { endMs } = account.periodAt(nowMs);
  if (endMs !== null) res.setHeader('x-tollgate-resets-at', new Date(endMs).toISOString());
}
