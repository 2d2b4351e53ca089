import type { Period } from '../period.ts';
import type { Amounts } from './book.ts';
import type { Holder } from './holder.ts';

/** What a gateway says of one scope: what it keeps of what it has, and what it lacks. */
export interface Ask {
  readonly holder: Holder;
  /** Gateways among which what is left is shared, this one included; at least 1. */
  readonly live: number;
  /** The period in which the gateway admits, by its own clock; and what it takes that to be. */
  readonly period: Period;
  readonly periodId: string;
  readonly generation: number;
  readonly limitRevision: number;
  /** The allowance that it has of this period and generation; `null`: none that it knows of. */
  readonly allowanceId: string | null;
  /** Of what it was granted; it uses no more than that from when it asked. */
  readonly keeps: Amounts;
  /** Used and held of that. */
  readonly uses: Amounts;
  /** What requests wait for, beyond what it keeps. */
  readonly needs: Amounts;
  /** The same of the window, in admissions; `null` leaves its share as it is. */
  readonly requests: { readonly keeps: number; readonly uses: number; readonly needs: number } | null;
  /**
   * `part`: what it needs, and its part of what is free; `needs`: no more than that, since others have asked for what it
   * does not need; `nothing`: the scope is idle there, or the period over.
   */
  readonly wants: 'part' | 'needs' | 'nothing';
}
