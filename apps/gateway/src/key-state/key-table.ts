import type {
  KeyChanged,
  KeyState,
  LimitEvent,
  OrganizationChanged,
  TeamChanged,
} from '@tollgate/contracts/events';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { parseUsd } from '@tollgate/contracts/money';
import type { PublishedMeter } from '@tollgate/domain/admission/account';
import { EqualValues } from './equal-values.ts';
import { KeyEntry } from './key-entry.ts';
import { type Scope, SharedScope, TeamScope } from './scope.ts';

const instant = (text: string | null) => (text === null ? null : Date.parse(text));

/**
 * Every key, team and the organization, in memory: folded from `keys` and `limits`, asked by the hot path.
 * A version or sequence that is not later than the one known changes nothing, so records may repeat.
 */
export class KeyTable {
  private readonly keys = new Map<string, KeyEntry>();
  private readonly equal = new EqualValues();
  private readonly organization = new SharedScope('organization', ORGANIZATION_ID, this.equal);
  private readonly teams = new Map<string, TeamScope>();
  private readonly revocationListeners: ((keyId: string) => void)[] = [];
  /** Meters of keys whose state has not arrived: the two topics are read side by side. */
  private readonly early = new Map<string, PublishedMeter>();
  /** Of the usage topic, as the meters tell it. */
  private usageEpoch = 0;

  /** @param usagePartitionOf the partition of a key's usage records, in whose offsets its meter counts */
  constructor(readonly usagePartitionOf: (keyId: string) => number) {}

  get size(): number {
    return this.keys.size;
  }

  /** Which making of the usage topic meters speak of: positions on a former one mean nothing. */
  get epoch(): number {
    return this.usageEpoch;
  }

  /** Calls back when a key becomes revoked, so that what it has under way can be ended. */
  onRevoked(listener: (keyId: string) => void): void {
    this.revocationListeners.push(listener);
  }

  get(keyId: string): KeyEntry | undefined {
    return this.keys.get(keyId);
  }

  /** A key, a team or the organization, where it is known. */
  scope(id: string): Scope | undefined {
    if (id === ORGANIZATION_ID) return this.organization;
    return this.keys.get(id) ?? this.teams.get(id);
  }

  /** What counts on a team before anything was told of it counts all the same. */
  team(id: string): TeamScope {
    let team = this.teams.get(id);
    if (!team) {
      team = new TeamScope(id, this.organization, this.equal);
      this.teams.set(id, team);
    }
    return team;
  }

  applyTeam({ version, state }: TeamChanged, nowMs: number): void {
    this.team(state.id).follow(version, state, nowMs);
  }

  applyOrganization({ version, state }: OrganizationChanged, nowMs: number): void {
    if (state.id === ORGANIZATION_ID) this.organization.follow(version, state, nowMs);
  }

  applyKey({ version, state }: KeyChanged, nowMs: number): void {
    const known = this.keys.get(state.id);
    if (known) {
      if (version > known.version) this.follow(known, version, state, nowMs);
      return;
    }
    const entry = new KeyEntry(version, state, this.team(state.team_id), this.equal);
    this.keys.set(state.id, entry);
    const meter = this.early.get(state.id);
    if (!meter) return;
    this.early.delete(state.id);
    entry.account(nowMs).apply(meter, nowMs);
  }

  applyMeter(event: LimitEvent, nowMs: number): void {
    const { scope, scope_id, epoch = 0 } = event;
    if (epoch > this.usageEpoch) this.startAnew(epoch);
    const meter = this.published(event);
    if (scope === 'team') this.team(scope_id).account(nowMs).apply(meter, nowMs);
    else if (scope === 'organization') this.scope(scope_id)?.account(nowMs).apply(meter, nowMs);
    else this.applyKeyMeter(scope_id, meter, nowMs);
  }

  private applyKeyMeter(keyId: string, meter: PublishedMeter, nowMs: number): void {
    const entry = this.keys.get(keyId);
    if (entry) {
      entry.account(nowMs).apply(meter, nowMs);
      entry.rest();
    } else if (meter.sequence > (this.early.get(keyId)?.sequence ?? 0)) this.early.set(keyId, meter);
  }

  private follow(entry: KeyEntry, version: number, state: KeyState, nowMs: number): void {
    const wasRevoked = entry.revoked;
    entry.follow(version, state, this.equal, nowMs);
    entry.rest();
    if (entry.revoked && !wasRevoked) for (const listener of this.revocationListeners) listener(entry.id);
  }

  private startAnew(epoch: number): void {
    this.usageEpoch = epoch;
    // The organization has every record, in the order in which they were written.
    this.organization.startAnew();
    for (const team of this.teams.values()) team.startAnew();
    for (const key of this.keys.values()) key.startAnew();
    for (const [id, meter] of this.early) this.early.set(id, { ...meter, through: [] });
  }

  private published(event: LimitEvent): PublishedMeter {
    const { sequence, generation, period, used } = event;
    return {
      sequence,
      generation,
      period: { id: period.id, startMs: instant(period.start), endMs: instant(period.end) },
      costPicodollars: parseUsd(used.cost_usd),
      tokens: used.tokens,
      requests: used.requests,
      through: this.throughOf(event),
    };
  }

  /** A key's records are in one partition; how far the others are read says nothing of it. */
  private throughOf({ scope, scope_id, through = {}, epoch = 0 }: LimitEvent): PublishedMeter['through'] {
    if (epoch < this.usageEpoch) return [];
    if (scope !== 'key') {
      return Object.entries(through).map(([partition, offset]) => [Number(partition), BigInt(offset)]);
    }
    const partition = this.usagePartitionOf(scope_id);
    const offset = through[partition];
    return offset === undefined ? [] : [[partition, BigInt(offset)]];
  }
}
