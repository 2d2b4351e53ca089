import type { Limits } from '@tollgate/contracts/limits';
import { count, countShort } from '../figures/count.ts';
import { FigureCell } from '../figures/figure-cell.tsx';
import { usdLimit } from '../figures/money.ts';
import { Usd } from '../figures/usd.tsx';
import { useMeter } from '../live/live.tsx';
import { sharesOf } from './shares.ts';

/** The three figures of a scope, each beside its limit; they move as the stream tells of them. */
export function useLimitFigures(scopeId: string, limits: Limits) {
  const live = useMeter(scopeId);
  const meter = live?.meter;
  const shares = sharesOf(limits, meter);
  return {
    meter,
    lastUsedAt: live?.last_used_at ?? null,
    cost: (
      <FigureCell
        used={meter ? <Usd amount={meter.cost_usd} short /> : null}
        limit={limits.cost_usd === null ? null : usdLimit(limits.cost_usd)}
        percent={shares.cost_usd}
      />
    ),
    tokens: (
      <FigureCell
        used={meter ? <span title={count(meter.tokens)}>{countShort(meter.tokens)}</span> : null}
        limit={limits.tokens === null ? null : countShort(limits.tokens)}
        percent={shares.tokens}
      />
    ),
    requests: (
      <FigureCell
        used={meter ? count(meter.requests_last_minute) : null}
        limit={limits.requests_per_minute === null ? null : countShort(limits.requests_per_minute)}
        percent={shares.requests_per_minute}
      />
    ),
  };
}
