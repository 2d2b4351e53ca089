import { Injectable } from '@nestjs/common';
import type { AdminKeyWithSecret, CreateAdminKeyBody } from '@tollgate/contracts/admin-keys-http';
import { TollgateError } from '@tollgate/contracts/errors';
import { newId } from '@tollgate/service-kit/ids';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../audit/audit-trail.ts';
import { SecretMint } from '../secret-mint.ts';
import { holdLiveTeam } from '../teams/hold-live-team.ts';
import { type AdminKeyRow, toAdminKeyView } from './admin-key-row.ts';
import type { Caller } from './caller.ts';
import { insertAdminKey } from './sql/insert-admin-key.ts';

@Injectable()
export class CreateAdminKey {
  constructor(
    private readonly db: DataSource,
    private readonly mint: SecretMint,
    private readonly audit: AuditTrail,
  ) {}

  /** Makes an admin key; answers it, here and never again. The owner of one team makes them for that team alone. */
  async execute(caller: Caller, body: CreateAdminKeyBody): Promise<AdminKeyWithSecret> {
    const team_id = body.team_id ?? caller.team_id;
    const nowMs = Date.now();
    const expires_at = usableExpiry(body.expires_at ?? null, nowMs);
    const id = newId('adm');
    const { token, secret } = this.mint.mint('tga', id);
    const row: AdminKeyRow = {
      ...{ id, name: body.name, role: body.role, team_id, ...secret },
      ...{
        created_at: new Date(nowMs),
        created_by: caller.id,
        expires_at,
        last_used_at: null,
        revoked_at: null,
      },
    };
    await this.db.transaction(async (em) => {
      if (team_id !== null) await holdLiveTeam(em, caller, team_id);
      await insertAdminKey(em, row);
      const { name, role, last_four } = row;
      const after = { name, role, team_id, last_four, expires_at: expires_at?.toISOString() ?? null };
      await this.audit.record(em, caller, [
        { at: nowMs, action: 'admin_key.created', target: id, team_id, before: null, after },
      ]);
    });
    return { admin_key: toAdminKeyView(row), secret: token };
  }
}

function usableExpiry(text: string | null, nowMs: number): Date | null {
  if (text === null) return null;
  const expiry = new Date(text);
  if (expiry.getTime() > nowMs) return expiry;
  throw new TollgateError('invalid_field', 'expires_at: must be in the future; null is never', {
    param: 'expires_at',
  });
}
