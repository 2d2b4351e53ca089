import { Injectable } from '@nestjs/common';
import type { KeyAnswer, ResetBody } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
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
  async execute(
    caller: Caller,
    id: string,
    body: ResetBody,
    expectedVersion: number | null,
  ): Promise<KeyAnswer> {
    const nowMs = Date.now();
    const key = await this.store.change({
      caller,
      id,
      commands: [{ type: 'reset', nowMs, actor: caller.id, reason: body.reason ?? null }],
      expectedVersion,
    });
    const propagation = await this.applied.execute(id, key.version);
    return { ...toKeyView(key, nowMs, null), propagation };
  }
}
