import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SESSION_SECONDS } from '@tollgate/contracts/session-http';
import { DataSource } from 'typeorm';
import type { Admin } from '../admin-keys/caller.ts';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { deleteSession, findSession, insertSession } from './sql/sessions.ts';

/** 32 random bytes need no slow hash, and no pepper: there is nothing to guess. */
const digestOf = (secret: string) => createHash('sha256').update(secret).digest('hex');

/**
 * What a browser has in place of an admin key: a secret of its own in a cookie that scripts cannot read. It ends after
 * twelve hours, when it is told to, and with the admin key that it was opened with.
 */
@Injectable()
export class Sessions {
  constructor(
    private readonly db: DataSource,
    private readonly identify: IdentifyAdmin,
  ) {}

  async open({ id }: Admin, nowMs: number): Promise<{ secret: string; expiresAt: Date }> {
    const secret = randomBytes(32).toString('base64url');
    const expiresAt = new Date(nowMs + SESSION_SECONDS * 1_000);
    await insertSession(this.db, { digest: digestOf(secret), adminId: id }, new Date(nowMs), expiresAt);
    return { secret, expiresAt };
  }

  /** Whose session it is; `null` where it has ended, or its admin key has. */
  async identifyBy(secret: string, nowMs: number): Promise<Admin | null> {
    const adminId = await findSession(this.db, digestOf(secret), new Date(nowMs));
    return adminId === null ? null : this.identify.byId(adminId);
  }

  /** @returns whether there was such a session */
  end(secret: string): Promise<boolean> {
    return deleteSession(this.db, digestOf(secret));
  }
}
