import type { KeyState } from '@tollgate/contracts/events';
import type { Limits } from '@tollgate/contracts/limits';
import { compactDigest, digestsEqual } from '@tollgate/service-kit/tokens';
import { AddressList } from './address-list.ts';
import type { EqualValues, Plan } from './equal-values.ts';
import { matchesModel } from './matches-model.ts';
import { LimitedScope, type Scopes, type TeamScope } from './scope.ts';

/** A replaced secret, until its overlap ends. */
interface OldSecret {
  readonly digest: string;
  readonly pepper: number;
  readonly expiresAtMs: number;
}

/** What few keys have. */
interface Extras {
  readonly metadata: Readonly<Record<string, string>>;
  readonly oldSecrets: readonly OldSecret[];
  readonly allowedModels: readonly string[] | null;
  readonly allowedIps: readonly string[] | null;
  /** Made on first use. */
  addresses: AddressList | null;
}

const NO_METADATA: Readonly<Record<string, string>> = Object.freeze({});
const msOf = (instant: string | null) => (instant === null ? null : Date.parse(instant));

/**
 * One key as the hot path sees it: its latest state, parsed once, with its account and window. There may be a
 * million of them and most are idle, so what is equal is shared and what is rare is elsewhere.
 */
export class KeyEntry extends LimitedScope {
  readonly id: string;
  name!: string;
  readonly team: TeamScope;
  enabled!: boolean;
  revoked = false;
  expiresAtMs!: number | null;
  generation!: number;
  limitRevision!: number;
  /** Of the current secret, in the form of {@link compactDigest}. */
  private digest!: string;
  private pepper!: number;
  plan!: Plan;
  private extras!: Extras | null;

  constructor(
    public version: number,
    state: KeyState,
    team: TeamScope,
    equal: EqualValues,
  ) {
    super();
    this.id = state.id;
    this.team = team;
    this.take(state, equal);
  }

  /** Moves on to a later version. */
  follow(version: number, state: KeyState, equal: EqualValues, nowMs: number): void {
    this.version = version;
    this.take(state, equal);
    this.changed(nowMs);
  }

  get kind(): 'key' {
    return 'key';
  }

  /** All that a request of this key counts on. */
  get scopes(): Scopes {
    const use = this.used();
    use.scopes ??= [this, this.team, this.team.organization];
    return use.scopes;
  }

  get limits(): Limits {
    return this.plan.limits;
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.extras?.metadata ?? NO_METADATA;
  }

  /** What each of its usage records says of a key, as fields of a JSON object, written once. */
  get recordJson(): string {
    const use = this.used();
    use.recordJson ??= JSON.stringify({
      key_id: this.id,
      team_id: this.team.id,
      metadata: this.metadata,
    }).slice(1, -1);
    return use.recordJson;
  }

  /** Of a revoked key nobody asks what it has used: once none of its records is on its way, that is forgotten. */
  rest(): void {
    const onTheirWay = this.use?.account?.pendingCount ?? 0;
    if (this.revoked && onTheirWay === 0) this.use = null;
  }

  /**
   * Whether a secret opens this key at `nowMs`. A digest is made for each pepper of its secrets: one, but for keys
   * whose rotation changed the pepper.
   * @param digestUnder the secret's digest under the pepper of a version, `null` where there is no such pepper
   */
  isOpenedBy(digestUnder: (pepper: number) => string | null, nowMs: number): boolean {
    const digest = digestUnder(this.pepper);
    let opens = digest !== null && digestsEqual(digest, this.digest);
    for (const old of this.extras?.oldSecrets ?? NONE) {
      const other = old.pepper === this.pepper ? digest : digestUnder(old.pepper);
      if (other !== null && digestsEqual(other, old.digest) && nowMs < old.expiresAtMs) opens = true;
    }
    return opens;
  }

  /** @param name the model as its provider knows it */
  allowsModel(name: string): boolean {
    const models = this.extras?.allowedModels ?? null;
    return models === null || matchesModel(name, models);
  }

  /** @param address canonical; an unknown one (`null`) is allowed only where any is */
  allowsAddress(address: string | null): boolean {
    const { extras } = this;
    if (extras === null || extras.allowedIps === null) return true;
    extras.addresses ??= new AddressList(extras.allowedIps);
    return extras.addresses.includes(address);
  }

  private take(state: KeyState, equal: EqualValues): void {
    this.name = state.name;
    this.enabled = state.enabled;
    // Terminal: a later version that says otherwise is wrong or forged.
    this.revoked ||= state.revoked_at !== null;
    this.expiresAtMs = msOf(state.expires_at);
    this.generation = state.generation;
    this.limitRevision = state.limit_revision;
    const current = state.secrets.find(({ expires_at }) => expires_at === null);
    this.digest = compactDigest(current?.digest ?? '');
    this.pepper = current?.pepper ?? 0;
    this.plan = equal.plan(state.limits);
    this.extras = extrasOf(state);
    if (this.use) this.use.recordJson = null;
  }
}

const NONE: readonly OldSecret[] = [];

function extrasOf({ metadata, secrets, allowed_models, allowed_ips }: KeyState): Extras | null {
  const oldSecrets = secrets.flatMap(({ digest, pepper, expires_at }) =>
    expires_at === null
      ? []
      : [{ digest: compactDigest(digest), pepper, expiresAtMs: Date.parse(expires_at) }],
  );
  const isPlain = oldSecrets.length === 0 && allowed_models === null && allowed_ips === null;
  if (isPlain && Object.keys(metadata).length === 0) return null;
  return { metadata, oldSecrets, allowedModels: allowed_models, allowedIps: allowed_ips, addresses: null };
}
