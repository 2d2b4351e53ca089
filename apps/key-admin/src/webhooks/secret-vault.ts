import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { VersionedKey } from '@tollgate/service-kit/config';

/** A secret as it is stored. */
export interface SealedSecret {
  /** Version of the pepper that its key derives from. */
  readonly pepper: number;
  /** Base64 of nonce, ciphertext and tag (AES-256-GCM); the webhook's id is authenticated with it. */
  readonly sealed: string;
  /** Until when it signs, RFC 3339; `null` for the current one. */
  readonly expires_at: string | null;
}

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES = 32;
const PURPOSE = 'tollgate webhook secrets';
export const SECRET_PREFIX = 'whsec_';

/** No configured pepper opens a secret; the message says what to do. */
export class UnreadableSecret extends Error {}

/** Makes the secrets of webhooks, and keeps them encrypted, for they must sign. The first pepper seals, all open. */
export class SecretVault {
  private readonly keys: Map<number, Buffer>;
  private readonly current: number;

  constructor(peppers: readonly VersionedKey[]) {
    this.current = peppers[0]!.version;
    this.keys = new Map(
      peppers.map(({ version, key }) => [
        version,
        Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), PURPOSE, KEY_BYTES)),
      ]),
    );
  }

  /** A new secret: `whsec_…` to show once, and what is stored. */
  mint(webhookId: string): { secret: string; stored: SealedSecret } {
    const bytes = randomBytes(SECRET_BYTES);
    return { secret: SECRET_PREFIX + bytes.toString('base64'), stored: this.seal(webhookId, bytes, null) };
  }

  /** The secret under the first pepper; the same where it is already, or where no pepper opens it. */
  reseal(webhookId: string, secret: SealedSecret): SealedSecret {
    if (secret.pepper === this.current) return secret;
    try {
      return this.seal(webhookId, this.open(webhookId, secret), secret.expires_at);
    } catch (error) {
      if (error instanceof UnreadableSecret) return secret;
      throw error;
    }
  }

  private seal(webhookId: string, bytes: Buffer, expires_at: string | null): SealedSecret {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.keys.get(this.current)!, nonce).setAAD(Buffer.from(webhookId));
    const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    return { pepper: this.current, sealed: sealed.toString('base64'), expires_at };
  }

  /** The bytes to sign with. @throws UnreadableSecret */
  open(webhookId: string, { pepper, sealed }: SealedSecret): Buffer {
    const key = this.keys.get(pepper);
    if (!key) {
      throw new UnreadableSecret(
        `The webhook's secret is encrypted under pepper ${pepper}, which TOLLGATE_KEY_PEPPERS does not have: ` +
          'put it back, or rotate the secret with overlap_seconds 0.',
      );
    }
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(webhookId))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new UnreadableSecret(
        `The webhook's secret cannot be decrypted: pepper ${pepper} is not what it was. Rotate the secret with ` +
          'overlap_seconds 0.',
      );
    }
  }
}
