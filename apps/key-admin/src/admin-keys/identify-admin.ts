import { Injectable } from '@nestjs/common';
import type { VersionedKey } from '@tollgate/service-kit/config';
import { digestSecret, digestsEqual, parseToken, shownPrefix } from '@tollgate/service-kit/tokens';
import type { DataSource } from 'typeorm';
import type { BootstrapAdmin } from './bootstrap-admin.ts';
import type { Admin } from './caller.ts';
import { findLiveAdminKey, whichAreLive } from './sql/find-live-admin-key.ts';
import { noteUse } from './sql/note-use.ts';

@Injectable()
export class IdentifyAdmin {
  constructor(
    private readonly db: DataSource,
    private readonly bootstrap: BootstrapAdmin,
    private readonly peppers: readonly VersionedKey[],
  ) {}

  /**
   * Whose admin key a bearer token is; `null` where it is nobody's, or is revoked or expired, or its team is deleted.
   * Form and checksum are looked at before the database is.
   */
  async execute(token: string): Promise<Admin | null> {
    const parsed = parseToken(token);
    if (parsed?.kind !== 'tga') return null;
    const bootstrap = this.bootstrap.identify(parsed);
    if (bootstrap) return bootstrap;
    const row = await findLiveAdminKey(this.db, parsed.id, Date.now());
    const pepper = this.peppers.find(({ version }) => version === row?.pepper);
    if (!row || !pepper || !digestsEqual(digestSecret(parsed.secret, pepper.key), row.digest)) return null;
    await noteUse(this.db, row.id, Date.now());
    return toAdmin(row);
  }

  /** An admin who was identified before, while the admin key is what it was: not revoked, not expired. */
  async byId(id: string): Promise<Admin | null> {
    const row = this.bootstrap.byId(id) ?? (await findLiveAdminKey(this.db, id, Date.now()));
    return row ? toAdmin(row) : null;
  }

  /** The name of the admin who is there before any other; `null` of another, who is in the database. */
  nameBeforeAll(id: string): string | null {
    return this.bootstrap.byId(id)?.name ?? null;
  }

  /** Which of the admins who were identified before would be again. */
  async whichStill(ids: readonly string[]): Promise<Set<string>> {
    const live = await whichAreLive(this.db, ids, Date.now());
    return new Set(ids.filter((id) => live.has(id) || this.bootstrap.byId(id) !== null));
  }
}

const toAdmin = ({ id, name, role, team_id }: Omit<Admin, 'prefix'>): Admin => ({
  id,
  name,
  prefix: shownPrefix('tga', id),
  role,
  team_id,
});
