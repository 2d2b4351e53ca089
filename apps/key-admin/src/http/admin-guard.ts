import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { TollgateError } from '@tollgate/contracts/errors';
import { FailedLogins } from '@tollgate/service-kit/failed-logins';
import { parseToken } from '@tollgate/service-kit/tokens';
import type { FastifyRequest } from 'fastify';
import { type Admin, type Caller, isAtLeast } from '../admin-keys/caller.ts';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { ACCESS, type Access } from './access.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * Every route under `/v1` needs an admin key that its access allows, whoever adds the route: without any, it is closed.
 * A right key is let in however often wrong
 * ones came from its address, so that nobody can lock administrators out by guessing beside them.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly identify: IdentifyAdmin,
    private readonly reflector: Reflector,
    private readonly failedLogins: FailedLogins,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.routeOptions.url?.startsWith('/v1/')) return true;
    const token = bearerToken(request);
    const admin = token === null ? null : await this.identify.execute(token);
    if (admin === null) throw this.refusal(request, token);
    refuseForbidden(admin, this.reflector.get<Access | undefined>(ACCESS, context.getHandler()));
    callers.set(request, { ...admin, address: request.ip });
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

function refuseForbidden({ role, team_id }: Admin, access: Access | undefined): void {
  if (access && isAtLeast(role, access.role) && (team_id === null || access.ownTeam)) return;
  const whose = team_id === null ? '' : ' of one team';
  const needed = `an admin key with the role ${access?.role ?? 'owner'}`;
  const everywhere = access && !access.ownTeam && team_id !== null ? ', not bound to a team' : '';
  const message =
    `This admin key, ${aOrAn(role)}'s${whose}, may not do that; it takes ${needed}${everywhere}. ` +
    'GET /v1/me tells what a key may do.';
  throw new TollgateError('forbidden', message);
}

const aOrAn = (role: string) => (/^[ao]/.test(role) ? `an ${role}` : `a ${role}`);

/** Who calls: the admin whose key the request carries, and from where. */
export const By = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (!caller) throw new TypeError('a route outside /v1 has no caller');
  return caller;
});
