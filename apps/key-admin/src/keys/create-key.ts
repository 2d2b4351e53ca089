import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { CreatedKey, CreateKeyBody } from '@tollgate/contracts/admin-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import type { KeyCommand } from '@tollgate/domain/key/decide';
import { newId } from '@tollgate/service-kit/ids';
import type { Caller } from '../admin-keys/caller.ts';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { SecretMint } from '../secret-mint.ts';
import { holdLiveTeam } from '../teams/hold-live-team.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';
import { claimCreation } from './sql/claim-creation.ts';

@Injectable()
export class CreateKey {
  constructor(
    private readonly store: KeyStore,
    private readonly mint: SecretMint,
    private readonly applied: AwaitApplied,
  ) {}

  /**
   * Creates a key; answers its token, here and never again, once the live gateways know it (at most 1 s). Asked again
   * with the same `Idempotency-Key` within a day, it answers the key that it made then, without the token.
   */
  async execute(caller: Caller, body: CreateKeyBody, idempotencyKey: string | null): Promise<CreatedKey> {
    const { team_id = caller.team_id ?? DEFAULT_TEAM_ID, ...settings } = body;
    const id = newId('key');
    const { token, secret } = this.mint.mint('tg', id);
    const nowMs = Date.now();
    const create: KeyCommand = { type: 'create', nowMs, actor: caller.id, id, team_id, settings, secret };
    const bodySha256 = createHash('sha256')
      .update(JSON.stringify(inOrder(body)))
      .digest('hex');
    try {
      const key = await this.store.create(caller, id, create, async (em) => {
        await holdLiveTeam(em, caller, team_id);
        if (idempotencyKey === null) return;
        const made = await claimCreation(em, { actor: caller.id, idempotencyKey, bodySha256, keyId: id });
        if (made) throw new MadeBefore(made.keyId, made.bodySha256);
      });
      const propagation = await this.applied.execute(id, key.version);
      return { key: toKeyView(key, nowMs, null), secret: token, propagation };
    } catch (error) {
      if (error instanceof MadeBefore) return this.answerAgain(caller, error, bodySha256, nowMs);
      throw error;
    }
  }

  private async answerAgain(
    caller: Caller,
    made: MadeBefore,
    bodySha256: string,
    nowMs: number,
  ): Promise<CreatedKey> {
    if (made.bodySha256 !== bodySha256) {
      const message =
        'This Idempotency-Key made another key, from another body; take a new one for this key.';
      throw new TollgateError('conflict', message, { param: 'Idempotency-Key' });
    }
    const key = await this.store.get(caller, made.keyId);
    const propagation = await this.applied.execute(key.id, key.version);
    return { key: toKeyView(key, nowMs, null), propagation };
  }
}

/** Undoes a creation whose `Idempotency-Key` has made a key already. */
class MadeBefore extends Error {
  constructor(
    readonly keyId: string,
    readonly bodySha256: string,
  ) {
    super('made before');
  }
}

/** The same fields in another order are the same body. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, inOrder(field)]),
  );
}
