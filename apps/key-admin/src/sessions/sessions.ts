import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SESSION_SECONDS } from '@tollgate/contracts/session-http';
import { DataSource } from 'typeorm';
import type { Admin, Caller } from '../admin-keys/caller.ts';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { AuditTrail } from '../audit/audit-trail.ts';
import { deleteSession, findSession, insertSession, whichAreOpen } from './sql/sessions.ts';

/** What stands for a session where its secret is not needed. 32 random bytes need no slow hash, and no pepper. */
export const digestOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/**
 * What a browser has in place of an admin key: a secret of its own in a cookie that scripts cannot read. It ends after
 * twelve hours, when it is told to, and with the admin key that it was opened with.
 */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: DataSource,
    private readonly identify: IdentifyAdmin,
    private readonly audit: AuditTrail,
  ) {}

  async open(caller: Caller, nowMs: number): Promise<{ secret: string; expiresAt: Date }> {
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = new Date(nowMs + SESSION_SECONDS * 1_000);
    const { id, team_id } = caller;
    await this.db.transaction(async (em) => {
      await insertSession(em, { digest: digestOf(secret), adminId: id }, new Date(nowMs), expiresAt);
      const after = { expires_at: expiresAt.toISOString() };
      const opened = {
        at: nowMs,
        action: 'session.opened' as const,
        target: id,
        team_id,
        before: null,
        after,
      };
      await this.audit.record(em, caller, [opened]);
    });
    return { secret, expiresAt };
  }

  /** Whose session it is; `null` where it has ended, or its admin key has. */
  async identifyBy(secret: string, nowMs: number): Promise<Admin | null> {
    const adminId = await findSession(this.db, digestOf(secret), new Date(nowMs));
    return adminId === null ? null : this.identify.byId(adminId);
  }

  /** Which of the sessions with these digests are open. */
  whichStill(digests: readonly string[], nowMs: number): Promise<Set<string>> {
    return whichAreOpen(this.db, digests, new Date(nowMs));
  }

  /** @returns whether there was such a session */
  end(caller: Caller, secret: string, nowMs: number): Promise<boolean> {
    return this.db.transaction(async (em) => {
      const target = await deleteSession(em, digestOf(secret));
      if (target === null) return false;
      const { team_id } = caller;
      const ended = {
        at: nowMs,
        action: 'session.ended' as const,
        target,
        team_id,
        before: null,
        after: null,
      };
      await this.audit.record(em, caller, [ended]);
      return true;
    });
  }
}
