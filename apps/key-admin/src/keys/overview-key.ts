import { Injectable } from '@nestjs/common';
import type { KeyOverview, OverviewMeter } from '@tollgate/contracts/admin-http';
import type { Limits } from '@tollgate/contracts/limits';
import type { Meter } from '@tollgate/contracts/metering-http';
import { formatUsd, parseUsd } from '@tollgate/contracts/money';
import type { KeyState } from '@tollgate/domain/key/state';
import { periodAt, toPeriodData } from '@tollgate/domain/period';
import { MeteringClient } from '../metering-client.ts';
import { Gateways } from '../propagation/gateways.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

type Used = Pick<Meter, 'period' | 'cost_usd' | 'tokens' | 'requests' | 'blocked' | 'resets_at' | 'as_of'>;

@Injectable()
export class OverviewKey {
  constructor(
    private readonly store: KeyStore,
    private readonly metering: MeteringClient,
    private readonly gateways: Gateways,
  ) {}

  /** A key with what it used, what it has left and its last warnings, breaches and resets. */
  async execute(id: string): Promise<KeyOverview> {
    const key = await this.store.get(id);
    const answer = await this.metering.meter(id);
    const nowMs = Date.now();
    const used = answer?.meter ?? unused(key.limits, nowMs);
    return {
      key: toKeyView(key, nowMs, answer?.last_used_at ?? null),
      meter: this.overview(key, used, nowMs),
      history: answer?.history ?? [],
    };
  }

  private overview(key: KeyState, used: Used, nowMs: number): OverviewMeter {
    return {
      period: used.period,
      cost_usd: used.cost_usd,
      tokens: used.tokens,
      requests: used.requests,
      requests_last_minute: this.gateways.requestsLastMinute(key.id, nowMs),
      // Soft limits hold nothing for what is in flight.
      held: { cost_usd: formatUsd(0n), tokens: 0 },
      remaining: remaining(key.limits, used),
      blocked: used.blocked,
      resets_at: used.resets_at,
      as_of: used.as_of,
    };
  }
}

/** The meter of a key that metering has not heard of yet. */
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
