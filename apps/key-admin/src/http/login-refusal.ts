import { Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { parseToken } from '@tollgate/service-kit/tokens';

/** Says no to whoever is not known, and counts how often. */
@Injectable()
export class LoginRefusal {
  constructor(private readonly failedLogins: FailedLogins) {}

  /** @param token what was tried, or `null` where it was nothing that can be one */
  of(address: string, token: string | null, explanation: string): TollgateError {
    const adminId = token === null ? null : (parseToken(token)?.id ?? null);
    const retryAfterSeconds = this.failedLogins.note(address, adminId, Date.now());
    if (retryAfterSeconds === 0) return new TollgateError('invalid_admin_key', explanation);
    return new TollgateError(
      'too_many_failed_logins',
      `Too many failed logins; try again in ${retryAfterSeconds} s, with the right admin key.`,
      { retryAfterSeconds },
    );
  }
}
