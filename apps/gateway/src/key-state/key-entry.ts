import type { KeyState, SecretDigest } from '@tollgate/contracts/events';
import type { Limits } from '@tollgate/contracts/limits';
import { parseUsd } from '@tollgate/contracts/money';
import { Account } from '@tollgate/domain/admission/account';
import type { Allowed } from '@tollgate/domain/admission/admit';
import { RollingWindow } from '@tollgate/domain/admission/rolling-window';
import { AddressList } from './address-list.ts';
import { matchesModel } from './matches-model.ts';

/** One key as the hot path sees it: its latest state, parsed once, with its account and window. */
export class KeyEntry {
  id!: string;
  name!: string;
  teamId!: string;
  enabled!: boolean;
  revoked!: boolean;
  expiresAtMs!: number | null;
  secrets!: readonly SecretDigest[];
  limits!: Limits;
  allowed!: Allowed;
  generation!: number;
  metadata!: Readonly<Record<string, string>>;
  private allowedModels!: readonly string[] | null;
  private allowedIps!: readonly string[] | null;
  /** Made on first use: most keys are idle. */
  private ownAccount: Account | null = null;
  private ownWindow: RollingWindow | null = null;
  private ownAddresses: AddressList | null = null;

  constructor(
    public version: number,
    state: KeyState,
  ) {
    this.take(state);
  }

  /** Moves on to a later version. */
  follow(version: number, state: KeyState, nowMs: number): void {
    this.version = version;
    this.take(state);
    this.ownAccount?.follow(nowMs, this.generation, this.recurrence);
  }

  account(nowMs: number): Account {
    this.ownAccount ??= new Account(nowMs, this.generation, this.recurrence);
    return this.ownAccount;
  }

  get window(): RollingWindow {
    this.ownWindow ??= new RollingWindow();
    return this.ownWindow;
  }

  /** @param name the model as its provider knows it */
  allowsModel(name: string): boolean {
    return this.allowedModels === null || matchesModel(name, this.allowedModels);
  }

  /** @param address canonical; an unknown one (`null`) is allowed only where any is */
  allowsAddress(address: string | null): boolean {
    if (this.allowedIps === null) return true;
    this.ownAddresses ??= new AddressList(this.allowedIps);
    return this.ownAddresses.includes(address);
  }

  private get recurrence() {
    return { resetPeriod: this.limits.reset_period, timezone: this.limits.timezone };
  }

  private take(state: KeyState): void {
    this.id = state.id;
    this.name = state.name;
    this.teamId = state.team_id;
    this.enabled = state.enabled;
    this.revoked = state.revoked_at !== null;
    this.expiresAtMs = state.expires_at === null ? null : Date.parse(state.expires_at);
    this.secrets = state.secrets;
    this.limits = state.limits;
    this.generation = state.generation;
    this.metadata = state.metadata;
    this.allowedModels = state.allowed_models;
    this.allowedIps = state.allowed_ips;
    this.ownAddresses = null;
    const { cost_usd, tokens, requests_per_minute } = state.limits;
    this.allowed = {
      costPicodollars: cost_usd === null ? null : parseUsd(cost_usd),
      tokens,
      requestsPerMinute: requests_per_minute,
    };
  }
}
