import { Injectable } from '@nestjs/common';
import type { AdminKey } from '@tollgate/contracts/admin-keys-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail } from '../audit/audit-trail.ts';
import { type AdminKeyRow, toAdminKeyView } from './admin-key-row.ts';
import type { Caller } from './caller.ts';
import { lockAdminKey, revokeAdminKey } from './sql/revoke-admin-key.ts';

@Injectable()
export class RevokeAdminKey {
  constructor(
    private readonly db: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** Ends an admin key for good, at once; again, it answers the same. */
  execute(caller: Caller, id: string): Promise<AdminKey> {
    return this.db.transaction(async (em) => {
      const row = await lockAdminKey(em, id, caller.team_id);
      if (!row) throw noSuchAdminKey();
      if (row.revoked_at !== null) return toAdminKeyView(row);
      const [revoked] = await this.allOf(em, caller, [row]);
      return toAdminKeyView(revoked!);
    });
  }

  /** Ends admin keys that are locked and not revoked, as a part of more. */
  async allOf(em: EntityManager, caller: Caller, rows: readonly AdminKeyRow[]): Promise<AdminKeyRow[]> {
    const revoked_at = new Date();
    for (const { id } of rows) await revokeAdminKey(em, id, revoked_at);
    const deeds = rows.map(({ id, team_id }) => ({
      ...{ at: revoked_at.getTime(), action: 'admin_key.revoked' as const, target: id, team_id },
      ...{ before: { revoked_at: null }, after: { revoked_at: revoked_at.toISOString() } },
    }));
    await this.audit.record(em, caller, deeds);
    return rows.map((row) => ({ ...row, revoked_at }));
  }
}

export const noSuchAdminKey = () =>
  new TollgateError(
    'not_found',
    'There is no admin key with this id; GET /v1/admin-keys lists those there are. The one of the environment is ' +
      'changed there, by TOLLGATE_ADMIN_KEY.',
  );
