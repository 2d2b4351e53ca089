import { Injectable } from '@nestjs/common';
import type { KeyAnswer } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class RevokeKey {
  constructor(
    private readonly store: KeyStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Ends a key for good; again, it answers the same. */
  async execute(caller: Caller, id: string, expectedVersion: number | null): Promise<KeyAnswer> {
    const nowMs = Date.now();
    const key = await this.store.change({
      caller,
      id,
      commands: [{ type: 'revoke', nowMs, actor: caller.id }],
      expectedVersion,
    });
    const propagation = await this.applied.execute(id, key.version);
    return { ...toKeyView(key, nowMs, null), propagation };
  }
}
