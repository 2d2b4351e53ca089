import { Injectable } from '@nestjs/common';
import type { KeyWithSecret, RotateKeyBody } from '@tollgate/contracts/admin-http';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { SecretMint } from '../secret-mint.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';

@Injectable()
export class RotateKey {
  constructor(
    private readonly store: KeyStore,
    private readonly mint: SecretMint,
    private readonly applied: AwaitApplied,
  ) {}

  /** Gives a key a new secret, shown here and never again; the old one works on for the overlap. */
  async execute(
    caller: Caller,
    id: string,
    { overlap_seconds }: RotateKeyBody,
    expectedVersion: number | null,
  ): Promise<KeyWithSecret> {
    const { token, secret } = this.mint.mint('tg', id);
    const nowMs = Date.now();
    const key = await this.store.change({
      caller,
      id,
      commands: [{ type: 'rotate', nowMs, actor: caller.id, secret, overlap_seconds }],
      expectedVersion,
    });
    const propagation = await this.applied.execute(id, key.version);
    return { key: toKeyView(key, nowMs, null), secret: token, propagation };
  }
}
