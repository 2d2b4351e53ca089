import { randomBytes } from 'node:crypto';
import { digestSecret, digestsEqual, parseToken, shownPrefix } from '@tollgate/service-kit/tokens';

export interface Admin {
  /** `adm_…`; the actor in the events that it causes. */
  readonly id: string;
  /** The part of its key that may be shown. */
  readonly prefix: string;
  readonly role: 'owner';
}

/** The admin key from the environment. Only a digest is kept, under a pepper that this process makes and forgets. */
export class BootstrapAdmin {
  private readonly pepper = randomBytes(32);
  private readonly digest: string;
  private readonly admin: Admin;

  /** @param token an admin key, already checked to be one */
  constructor(token: string) {
    const parsed = parseToken(token);
    if (parsed?.kind !== 'tga') throw new TypeError('not an admin key');
    this.digest = digestSecret(parsed.secret, this.pepper);
    this.admin = { id: parsed.id, prefix: shownPrefix('tga', parsed.id), role: 'owner' };
  }

  /** Whose key a bearer token is; `null` where it is nobody's. Form and checksum are looked at first. */
  identify(token: string): Admin | null {
    const parsed = parseToken(token);
    if (parsed?.kind !== 'tga') return null;
    const right = digestsEqual(digestSecret(parsed.secret, this.pepper), this.digest);
    return right && parsed.id === this.admin.id ? this.admin : null;
  }
}
