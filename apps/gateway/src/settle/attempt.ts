import type { UsageRecorded } from '@tollgate/contracts/events';
import type { Generations } from '@tollgate/domain/admission/pending-records';
import type { ModelPrice } from '@tollgate/domain/admission/price';
import type { Held } from '@tollgate/domain/allowance/held';
import type { Holdings } from '../allowances/holdings.ts';
import type { KeyEntry } from '../key-state/key-entry.ts';
import type { AttemptTrace } from '../proxy/request-trace.ts';

/** An attempt that was admitted and is forwarded: one usage record, whatever becomes of it. */
export interface Attempt {
  /** The request's id and the attempt's number: `req_…/1`. */
  readonly id: string;
  readonly key: KeyEntry;
  /** At admission: a later reset does not move what was used before it. */
  readonly generations: Generations;
  /** What it may come to at most; `null` where no scope is hard. */
  readonly hold: Held | null;
  /** `null` where nothing of a limit was given to this gateway to admit it on. */
  readonly holdings: Holdings | null;
  readonly provider: string;
  /** The model as the client named it, and as the provider does. */
  readonly model: string;
  readonly upstreamModel: string;
  readonly streamed: boolean;
  readonly endpoint: string;
  readonly admittedAtMs: number;
  readonly clientIp: string | null;
  readonly requestBytes: number;
  readonly price: ModelPrice | null;
  readonly priceVersion: string;
  /** `null` where no traces are sent. */
  readonly trace: AttemptTrace | null;
  /** A {@link Draft} as the JSON that is in the log; `null` until it is. */
  draft: string | null;
}

/** What of a usage record is known at admission. */
export type Draft = Pick<
  UsageRecorded,
  | 'id'
  | 'key_id'
  | 'team_id'
  | 'gateway'
  | 'endpoint'
  | 'provider'
  | 'model'
  | 'upstream_model'
  | 'streamed'
  | 'admitted_at'
  | 'client_ip'
  | 'generations'
  | 'metadata'
  | 'allowances'
>;

/** What the log keeps of an admission, so that a restart can settle what a crash left behind. */
export interface LoggedAdmission {
  readonly draft: Draft;
  /** Cost in picodollars, as text. */
  readonly hold: { readonly cost: string; readonly tokens: number } | null;
  readonly request_bytes: number;
}
