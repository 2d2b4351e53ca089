import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { parseToken } from '@tollgate/service-kit/tokens';
import type { FastifyRequest } from 'fastify';
import { type Admin, BootstrapAdmin } from '../admin/bootstrap-admin.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const admins = new WeakMap<FastifyRequest, Admin>();

/**
 * Every route under `/v1` needs an admin key, whoever adds the route. A right key is let in however often wrong
 * ones came from its address, so that nobody can lock administrators out by guessing beside them.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly bootstrap: BootstrapAdmin,
    private readonly failedLogins: FailedLogins,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.routeOptions.url?.startsWith('/v1/')) return true;
    const token = bearerToken(request);
    const admin = token === null ? null : this.bootstrap.identify(token);
    if (admin === null) throw this.refusal(request, token);
    admins.set(request, admin);
    return true;
  }

  private refusal(request: FastifyRequest, token: string | null): TollgateError {
    const adminId = token === null ? null : (parseToken(token)?.id ?? null);
    const retryAfterSeconds = this.failedLogins.note(request.ip, adminId, Date.now());
    if (retryAfterSeconds === 0) {
      return new TollgateError('invalid_admin_key', explain(request.headers.authorization));
    }
    return new TollgateError(
      'too_many_failed_logins',
      `Too many failed logins; try again in ${retryAfterSeconds} s, with the right admin key.`,
      { retryAfterSeconds },
    );
  }
}

/** Two `Authorization` headers are a request that two readers may read differently; it has no token. */
function bearerToken({ headers, raw }: FastifyRequest): string | null {
  const names = raw.rawHeaders.filter((_, i) => i % 2 === 0);
  if (names.filter((name) => name.toLowerCase() === 'authorization').length !== 1) return null;
  return BEARER.exec(headers.authorization ?? '')?.[1] ?? null;
}

function explain(authorization: string | undefined): string {
  if (authorization === undefined) {
    return 'This needs an admin key: send the header "Authorization: Bearer tga_…".';
  }
  if (/^Bearer +tg_/i.test(authorization)) {
    return 'That is a key for the router; the admin API needs an admin key, which begins with "tga_".';
  }
  return 'The admin key is wrong: send one valid key, whole, in one header "Authorization: Bearer tga_…".';
}

/** The admin whose key the request carries. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Admin => {
  const admin = admins.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!admin) throw new TypeError('a route outside /v1 has no caller');
  return admin;
});
