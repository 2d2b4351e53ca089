import { Injectable } from '@nestjs/common';
import type { KeyAnswer } from '@tollgate/contracts/admin-http';
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
  async execute(actor: string, id: string): Promise<KeyAnswer> {
    const nowMs = Date.now();
    const key = await this.store.execute(id, [{ type: 'revoke', nowMs, actor }]);
    const propagation = await this.applied.execute(id, key.version);
    return { ...toKeyView(key, nowMs, null), propagation };
  }
}
