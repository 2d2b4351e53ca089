import type { KeyChanged, KeyState, LimitEvent } from '@tollgate/contracts/events';
import { parseUsd } from '@tollgate/contracts/money';
import type { PublishedMeter } from '@tollgate/domain/admission/account';
import { EqualValues } from './equal-values.ts';
import { KeyEntry } from './key-entry.ts';

const instant = (text: string | null) => (text === null ? null : Date.parse(text));

/**
 * Every key, in memory: folded from `keys` and `limits`, asked by the hot path.
 * A version or sequence that is not later than the one known changes nothing, so records may repeat.
 */
export class KeyTable {
  private readonly keys = new Map<string, KeyEntry>();
  private readonly equal = new EqualValues();
  private readonly revocationListeners: ((keyId: string) => void)[] = [];
  /** Meters of keys whose state has not arrived: the two topics are read side by side. */
  private readonly early = new Map<string, PublishedMeter>();

  /** @param usagePartitionOf the partition of a key's usage records, in whose offsets its meter counts */
  constructor(private readonly usagePartitionOf: (keyId: string) => number) {}

  get size(): number {
    return this.keys.size;
  }

  /** Calls back when a key becomes revoked, so that what it has under way can be ended. */
  onRevoked(listener: (keyId: string) => void): void {
    this.revocationListeners.push(listener);
  }

  get(keyId: string): KeyEntry | undefined {
    return this.keys.get(keyId);
  }

  applyKey({ version, state }: KeyChanged, nowMs: number): void {
    const known = this.keys.get(state.id);
    if (known) {
      if (version > known.version) this.follow(known, version, state, nowMs);
      return;
    }
    const entry = new KeyEntry(version, state, this.equal);
    this.keys.set(state.id, entry);
    const meter = this.early.get(state.id);
    if (!meter) return;
    this.early.delete(state.id);
    entry.account(nowMs).apply(meter, nowMs);
  }

  applyMeter(event: LimitEvent, nowMs: number): void {
    if (event.scope !== 'key') return;
    const meter = this.published(event);
    const entry = this.keys.get(event.scope_id);
    if (entry) entry.account(nowMs).apply(meter, nowMs);
    else if (meter.sequence > (this.early.get(event.scope_id)?.sequence ?? 0))
      this.early.set(event.scope_id, meter);
  }

  private follow(entry: KeyEntry, version: number, state: KeyState, nowMs: number): void {
    const wasRevoked = entry.revoked;
    entry.follow(version, state, this.equal, nowMs);
    if (entry.revoked && !wasRevoked) for (const listener of this.revocationListeners) listener(entry.id);
  }

  private published({ scope_id, sequence, generation, period, used, through }: LimitEvent): PublishedMeter {
    const offset = through?.[this.usagePartitionOf(scope_id)];
    return {
      sequence,
      generation,
      period: { id: period.id, startMs: instant(period.start), endMs: instant(period.end) },
      costPicodollars: parseUsd(used.cost_usd),
      tokens: used.tokens,
      requests: used.requests,
      through: offset === undefined ? null : BigInt(offset),
    };
  }
}
