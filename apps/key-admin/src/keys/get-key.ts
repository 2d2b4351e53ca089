import { Injectable } from '@nestjs/common';
import type { Key } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { MeteringClient } from '../metering-client.ts';
import { Names } from '../names/names.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class GetKey {
  constructor(
    private readonly store: KeyStore,
    private readonly metering: MeteringClient,
    private readonly names: Names,
  ) {}

  /** One key. `last_used_at` is `null` while metering cannot be asked. */
  async execute(caller: Caller, id: string): Promise<Key> {
    const [key, lastUse] = await Promise.all([this.store.get(caller, id), this.metering.lastUse([id])]);
    const names = await this.names.of([key.team_id, key.created_by]);
    return toKeyView(key, Date.now(), lastUse.get(id) ?? null, names);
  }
}
