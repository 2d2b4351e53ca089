import { Injectable } from '@nestjs/common';
import type { KeyOverview } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { Names } from '../names/names.ts';
import { ScopeMeter } from '../usage/scope-meter.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class OverviewKey {
  constructor(
    private readonly store: KeyStore,
    private readonly meter: ScopeMeter,
    private readonly names: Names,
  ) {}

  /** A key with what it used, what it has left and its last warnings, breaches and resets. */
  async execute(caller: Caller, id: string): Promise<KeyOverview> {
    const key = await this.store.get(caller, id);
    const [{ meter, history, lastUsedAt }, names] = await Promise.all([
      this.meter.of(key),
      this.names.of([key.team_id, key.created_by]),
    ]);
    return { key: toKeyView(key, Date.now(), lastUsedAt, names), meter, history };
  }
}
