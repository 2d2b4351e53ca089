import { Injectable } from '@nestjs/common';
import type { GatewayReported } from '@tollgate/contracts/events';
import type { Position } from '@tollgate/kafka/publisher';

/** A gateway is live when it was heard of within this time. */
export const LIVE_MS = 5_000;
/** Requests of the last minute are forgotten when their report is older. */
const WINDOW_MS = 60_000;

/** Of each gateway: enough to say when it applied what was changed in the last minutes. */
const REPORTS_KEPT = 256;

export interface GatewayProgress {
  readonly instance: string;
  readonly heardMs: number;
  readonly applied: boolean;
  /** `null` where it has not, or had before the reports that are remembered. */
  readonly appliedAtMs: number | null;
}

interface Instance {
  heardMs: number;
  leaving: boolean;
  /** Partition of `keys` → next offset to apply. */
  applied: Readonly<Record<string, string>>;
  /** What it had applied in its latest reports, oldest first, where that changed. */
  readonly history: { atMs: number; applied: Readonly<Record<string, string>> }[];
  /** Key → admissions in the 60 s before a report. */
  readonly windows: Map<string, { count: number; atMs: number }>;
}

/** What the gateways say of themselves: who is live, what they have applied, how busy their keys are. */
@Injectable()
export class Gateways {
  private readonly instances = new Map<string, Instance>();
  private readonly listeners = new Set<() => void>();

  /** @param heardMs when the report arrived, or was written if it is read from the past */
  report(report: GatewayReported, heardMs: number): void {
    this.forget(heardMs);
    const { instance, leaving, applied } = report;
    const windows = this.instances.get(instance)?.windows ?? new Map();
    for (const [keyId, count] of Object.entries(report.windows)) {
      // Noted anew at the end, so that the oldest come first when they are forgotten.
      windows.delete(keyId);
      if (count > 0) windows.set(keyId, { count, atMs: heardMs });
    }
    const history = this.instances.get(instance)?.history ?? [];
    if (!isSame(history.at(-1)?.applied, applied.keys))
      history.push({ atMs: heardMs, applied: applied.keys });
    if (history.length > REPORTS_KEPT) history.shift();
    this.instances.set(instance, { heardMs, leaving, applied: applied.keys, history, windows });
    for (const listener of this.listeners) listener();
  }

  /** Calls back after each report, until the function it gives is called. */
  onReport(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** How many gateways are live, and how many of them have applied the record at a position of `keys`. */
  count(nowMs: number, position: Position | null): { gateways: number; acknowledged: number } {
    let gateways = 0;
    let acknowledged = 0;
    for (const instance of this.live(nowMs)) {
      gateways += 1;
      if (position && BigInt(instance.applied[position.partition] ?? 0) > position.offset) acknowledged += 1;
    }
    return { gateways, acknowledged };
  }

  /** Each live gateway, and whether and since when it has applied the record at a position of `keys`. */
  each(nowMs: number, position: Position | null): GatewayProgress[] {
    return [...this.live(nowMs)].map(({ instance, heardMs, history }) => {
      const has = (applied: Readonly<Record<string, string>>) =>
        position !== null && BigInt(applied[position.partition] ?? 0) > position.offset;
      const first = history.findIndex((report) => has(report.applied));
      // What the oldest report says may have been so before it.
      const appliedAtMs = first > 0 ? history[first]!.atMs : null;
      return { instance, heardMs, applied: first >= 0, appliedAtMs };
    });
  }

  requestsLastMinute(keyId: string, nowMs: number): number {
    let sum = 0;
    for (const { windows } of this.live(nowMs)) {
      const window = windows.get(keyId);
      if (window && nowMs - window.atMs <= WINDOW_MS) sum += window.count;
    }
    return sum;
  }

  private *live(nowMs: number): Generator<Instance & { readonly instance: string }> {
    for (const [instance, state] of this.instances) {
      if (!state.leaving && nowMs - state.heardMs <= LIVE_MS) yield { instance, ...state };
    }
  }

  /** Keeps memory to the gateways and keys of the last minute. */
  private forget(nowMs: number): void {
    for (const [name, { heardMs, windows }] of this.instances) {
      if (nowMs - heardMs > WINDOW_MS) this.instances.delete(name);
      for (const [keyId, { atMs }] of windows) {
        if (nowMs - atMs <= WINDOW_MS) break;
        windows.delete(keyId);
      }
    }
  }
}

function isSame(
  a: Readonly<Record<string, string>> | undefined,
  b: Readonly<Record<string, string>>,
): boolean {
  if (a === undefined) return false;
  const partitions = Object.keys(b);
  return (
    partitions.length === Object.keys(a).length &&
    partitions.every((partition) => a[partition] === b[partition])
  );
}
