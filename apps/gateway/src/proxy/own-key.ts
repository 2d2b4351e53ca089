import type { OwnKey } from '@tollgate/contracts/gateway-http';
import { formatUsd } from '@tollgate/contracts/money';
import { blockedDimensions } from '@tollgate/domain/admission/admit';
import type { Allowances } from '@tollgate/domain/allowance/allowances';
import type { Clocks } from '@tollgate/domain/allowance/scope-terms';
import { toPeriodData } from '@tollgate/domain/period';
import type { KeyEntry } from '../key-state/key-entry.ts';
import { leftOf } from './standing.ts';

/** What a key's holder may know of it, now and as this gateway would decide. */
export function ownKey(key: KeyEntry, allowances: Allowances, clocks: Clocks): OwnKey {
  const { nowMs, steadyMs } = clocks;
  const account = key.account(nowMs);
  const used = account.usedAt(nowMs);
  const held = allowances.heldOf(key, clocks);
  const inWindow = key.inWindow(steadyMs);
  const period = toPeriodData(account.periodAt(nowMs));
  const { costPicodollars: cost, tokens } = leftOf(key, allowances, clocks);
  return {
    name: key.name,
    limits: key.limits,
    meter: {
      period,
      cost_usd: formatUsd(used.costPicodollars),
      tokens: used.tokens,
      requests: used.requests,
      requests_last_minute: inWindow,
      held: { cost_usd: formatUsd(held.costPicodollars), tokens: held.tokens },
      remaining: {
        cost_usd: cost === null ? null : formatUsd(cost < 0n ? 0n : cost),
        tokens: tokens === null ? null : Math.max(0, tokens),
      },
      blocked: blockedDimensions({ allowed: key.allowed, used, inWindow }),
      resets_at: period.end,
      as_of: new Date(nowMs).toISOString(),
    },
  };
}
