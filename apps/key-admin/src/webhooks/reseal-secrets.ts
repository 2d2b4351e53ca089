import { Injectable } from '@nestjs/common';
import { MAX_WEBHOOKS } from '@tollgate/contracts/webhooks';
import { DataSource } from 'typeorm';
import { SecretVault } from './secret-vault.ts';
import { lockList } from './sql/lock-list.ts';
import { saveWebhook } from './sql/save-webhook.ts';
import { readWebhooks } from './sql/webhooks.ts';

@Injectable()
export class ResealSecrets {
  constructor(
    private readonly db: DataSource,
    private readonly vault: SecretVault,
  ) {}

  /**
   * Encrypts the secrets of webhooks under the first pepper where they are under another, so that the others can be
   * taken out of the configuration. One that no pepper opens stays as it is; its deliveries say so.
   * @returns how many webhooks had such secrets
   */
  execute(): Promise<number> {
    return this.db.transaction(async (em) => {
      await lockList(em);
      let resealed = 0;
      for (const row of await readWebhooks(em, null, MAX_WEBHOOKS)) {
        const secrets = row.secrets.map((secret) => this.vault.reseal(row.id, secret));
        if (secrets.every((secret, i) => secret === row.secrets[i])) continue;
        await saveWebhook(em, { ...row, secrets });
        resealed += 1;
      }
      return resealed;
    });
  }
}
