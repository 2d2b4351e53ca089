import { randomBytes } from 'node:crypto';
import {
  digestSecret,
  digestsEqual,
  parseToken,
  shownPrefix,
  type Token,
} from '@tollgate/service-kit/tokens';
import type { Admin } from './caller.ts';

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
    const { id } = parsed;
    this.admin = { id, name: 'bootstrap', prefix: shownPrefix('tga', id), role: 'owner', team_id: null };
  }

  /** The admin whose key the token is; `null` where it is another. */
  identify({ id, secret }: Token): Admin | null {
    const right = digestsEqual(digestSecret(secret, this.pepper), this.digest);
    return right && id === this.admin.id ? this.admin : null;
  }

  /** The admin, by its id. */
  byId(id: string): Admin | null {
    return id === this.admin.id ? this.admin : null;
  }
}
