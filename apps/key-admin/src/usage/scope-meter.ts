import { Injectable } from '@nestjs/common';
import type { OverviewMeter } from '@tollgate/contracts/admin-http';
import type { Limits } from '@tollgate/contracts/limits';
import type { HistoryEntry, Meter } from '@tollgate/contracts/metering-http';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import { periodAt, toPeriodData } from '@tollgate/domain/period';
import { MeteringClient } from '../metering-client.ts';
import { Gateways } from '../propagation/gateways.ts';

type Used = Pick<Meter, 'period' | 'cost_usd' | 'tokens' | 'requests' | 'blocked' | 'resets_at' | 'as_of'>;

export interface LimitedScope {
  readonly id: string;
  readonly limits: Limits;
}

export interface MeterOfScope {
  readonly meter: OverviewMeter;
  /** The last warnings, breaches and resets, newest first. */
  readonly history: HistoryEntry[];
  /** RFC 3339; `null` for a scope that was never used. */
  readonly lastUsedAt: string | null;
}

/** What a key, a team or the organization used in its current period, and what it has left. */
@Injectable()
export class ScopeMeter {
  constructor(
    private readonly metering: MeteringClient,
    private readonly gateways: Gateways,
  ) {}

  async of(scope: LimitedScope): Promise<MeterOfScope> {
    const answer = await this.metering.meter(scope.id);
    const used = answer?.meter ?? unused(scope.limits, Date.now());
    return {
      meter: this.shown(scope, used),
      history: answer?.history ?? [],
      lastUsedAt: answer?.last_used_at ?? null,
    };
  }

  /** What metering says that a scope used, as the API shows it. */
  shown({ id, limits }: LimitedScope, used: Used): OverviewMeter {
    return {
      period: used.period,
      cost_usd: used.cost_usd,
      tokens: used.tokens,
      requests: used.requests,
      requests_last_minute: this.gateways.requestsLastMinute(id, Date.now()),
      // Soft limits hold nothing for what is in flight.
      held: { cost_usd: formatUsd(0n), tokens: 0 },
      remaining: remaining(limits, used),
      blocked: used.blocked,
      resets_at: used.resets_at,
      as_of: used.as_of,
    };
  }
}

/** The meter of a scope that metering has not heard of yet. */
function unused({ reset_period, timezone }: Limits, nowMs: number): Used {
  const period = toPeriodData(periodAt(nowMs, reset_period, timezone));
  return {
    period,
    cost_usd: formatUsd(0n),
    tokens: 0,
    requests: 0,
    blocked: [],
    resets_at: period.end,
    as_of: new Date(nowMs).toISOString(),
  };
}

/** What is left of each limit, never below zero; `null` where there is no limit. */
function remaining({ cost_usd, tokens }: Limits, used: Used): OverviewMeter['remaining'] {
  const cost = cost_usd === null ? null : parseUsd(cost_usd) - parseUsd(used.cost_usd);
  return {
    cost_usd: cost === null ? null : formatUsd(cost > 0n ? cost : 0n),
    tokens: tokens === null ? null : Math.max(0, tokens - used.tokens),
  };
}
