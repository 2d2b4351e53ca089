import type { LimitsInput } from '@tollgate/contracts/limits';
import type { Table } from './report.ts';

/** At the same rate the keys differ by what they cost alone: nobody's batches grow or shrink with how fast a key is. */
export const EQUAL_PER_SECOND = 2_000;

/**
 * What is compared: a key without limits, one with limits that each gateway counts by itself, and one with every limit,
 * none of which any gateway may pass. None is near its limits.
 */
export const KEYS = ['no limits', 'soft limits', 'hard limits'] as const;
export type Kind = (typeof KEYS)[number];
const FAR = { cost_usd: '1000000', tokens: 1_000_000_000 };
export const LIMITS: Record<Kind, LimitsInput> = {
  'no limits': {},
  'soft limits': { ...FAR, enforcement: 'soft' },
  'hard limits': { ...FAR, requests_per_minute: 1_000_000, enforcement: 'hard' },
};

export interface Sample {
  readonly perSecond: number;
  /** CPU of all gateways together for a request, at full load and at {@link EQUAL_PER_SECOND}. */
  readonly cpuUs: number;
  readonly equalCpuUs: number;
  readonly p50: number;
  readonly p99: number;
}
export interface Measured {
  readonly samples: Record<Kind, Sample[]>;
  /** Requests/s of each stretch in which the keys took turns and metering stood still. */
  readonly turns: Record<Kind, number[]>;
  readonly callsPerThousand: number;
  readonly account: string;
  readonly profiles: readonly Table[];
}
