import { Injectable } from '@nestjs/common';
import type { Key } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { MeteringClient } from '../metering-client.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class GetKey {
  constructor(
    private readonly store: KeyStore,
    private readonly metering: MeteringClient,
  ) {}

  /** One key. `last_used_at` is `null` while metering cannot be asked. */
  async execute(caller: Caller, id: string): Promise<Key> {
    const [key, lastUse] = await Promise.all([this.store.get(caller, id), this.metering.lastUse([id])]);
    return toKeyView(key, Date.now(), lastUse.get(id) ?? null);
  }
}
