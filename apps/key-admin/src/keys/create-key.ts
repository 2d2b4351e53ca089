import { Injectable } from '@nestjs/common';
import type { CreateKeyBody, KeyWithSecret } from '@tollgate/contracts/admin-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import { newId } from '@tollgate/service-kit/ids';
import { AwaitApplied } from '../propagation/await-applied.ts';
import { KeyStore } from './key-store.ts';
import { toKeyView } from './key-view.ts';
import { SecretMint } from './new-secret.ts';

@Injectable()
export class CreateKey {
  constructor(
    private readonly store: KeyStore,
    private readonly mint: SecretMint,
    private readonly applied: AwaitApplied,
  ) {}

  /** Creates a key; answers its token, here and never again, once the live gateways know it (at most 1 s). */
  async execute(actor: string, body: CreateKeyBody): Promise<KeyWithSecret> {
    const { team_id = DEFAULT_TEAM_ID, ...settings } = body;
    refuseUnknownTeam(team_id);
    const id = newId('key');
    const { token, secret } = this.mint.mint(id);
    const nowMs = Date.now();
    const key = await this.store.execute(id, [
      { type: 'create', nowMs, actor, id, team_id, settings, secret },
    ]);
    const propagation = await this.applied.execute(id, key.version);
    return { key: toKeyView(key, nowMs, null), secret: token, propagation };
  }
}

/** A deployment has one team so far. */
function refuseUnknownTeam(teamId: string): void {
  if (teamId === DEFAULT_TEAM_ID) return;
  const message = `team_id: there is no such team; leave it out for "${DEFAULT_TEAM_ID}"`;
  throw new TollgateError('invalid_field', message, { param: 'team_id' });
}
