import type { CurrentSecret } from '@tollgate/domain/key/events';
import type { VersionedKey } from '@tollgate/service-kit/config';
import { digestSecret, newToken, type TokenKind } from '@tollgate/service-kit/tokens';

/** Makes the tokens of keys and admin keys. What it keeps of one is a digest, and the four characters by which people know it. */
export class SecretMint {
  constructor(private readonly peppers: readonly VersionedKey[]) {}

  /** The token to show once, and what is stored of it. The last four are of its checksum, not of the secret. */
  mint(kind: TokenKind, id: string): { token: string; secret: CurrentSecret } {
    const { version, key } = this.peppers[0]!;
    const { token, secret } = newToken(kind, id);
    return {
      token,
      secret: { digest: digestSecret(secret, key), pepper: version, last_four: token.slice(-4) },
    };
  }
}
