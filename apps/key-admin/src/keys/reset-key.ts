import { Injectable } from '@nestjs/common';
import type { KeyAnswer, ResetKeyBody } from '@tollgate/contracts/admin-http';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class ResetKey {
  constructor(
    private readonly store: KeyStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Starts the key's counters at zero within the period; the ledger keeps what was used. */
  async execute(actor: string, id: string, body: ResetKeyBody): Promise<KeyAnswer> {
    const nowMs = Date.now();
    const key = await this.store.execute(id, [{ type: 'reset', nowMs, actor, reason: body.reason ?? null }]);
    const propagation = await this.applied.execute(id, key.version);
    return { ...toKeyView(key, nowMs, null), propagation };
  }
}
