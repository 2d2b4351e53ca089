import type { Key } from '@tollgate/contracts/admin-http';
import { count, countShort } from '../figures/count.ts';
import { usdLimit } from '../figures/money.ts';
import { Usd } from '../figures/usd.tsx';
import { sharesOf } from '../limits/shares.ts';
import { useMeter } from '../live/live.tsx';
import { FigureCell } from './figure-cell.tsx';

/** The three figures of a key, each beside its limit; they move as the stream tells of them. */
export function useKeyFigures(key: Key) {
  const live = useMeter(key.id);
  const meter = live?.meter;
  const { limits } = key;
  const shares = sharesOf(limits, meter);
  return {
    meter,
    lastUsedAt: live?.last_used_at ?? key.last_used_at,
    cost: (
      <FigureCell
        used={meter ? <Usd amount={meter.cost_usd} short /> : null}
        limit={limits.cost_usd && usdLimit(limits.cost_usd)}
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
