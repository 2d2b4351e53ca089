import { Injectable } from '@nestjs/common';
import type { KeyAnswer, PatchKeyBody } from '@tollgate/contracts/admin-http';
import type { KeyCommand } from '@tollgate/domain/key/decide';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class UpdateKey {
  constructor(
    private readonly store: KeyStore,
    private readonly applied: AwaitApplied,
  ) {}

  /** Changes settings and enables or disables, all or nothing; answers once the live gateways know (at most 1 s). */
  async execute(
    caller: Caller,
    id: string,
    body: PatchKeyBody,
    expectedVersion: number | null,
  ): Promise<KeyAnswer> {
    const { enabled, ...settings } = body;
    const by = { actor: caller.id, nowMs: Date.now() };
    const commands: KeyCommand[] = [{ type: 'update', ...by, settings }];
    if (enabled !== undefined) commands.push({ type: enabled ? 'enable' : 'disable', ...by });
    const key = await this.store.change({ caller, id, commands, expectedVersion });
    const propagation = await this.applied.execute(id, key.version);
    return { ...toKeyView(key, by.nowMs, null), propagation };
  }
}
