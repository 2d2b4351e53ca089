import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { TollgateError } from '@tollgate/contracts/errors';
import type { FastifyRequest } from 'fastify';
import { type Admin, type Caller, isAtLeast } from '../admin-keys/caller.ts';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { Sessions } from '../sessions/sessions.ts';
import { ACCESS, type Access } from './access.ts';
import { LoginRefusal } from './login-refusal.ts';
import { isFromOwnPage, sessionUsed } from './session-cookie.ts';

const BEARER = /^Bearer +(\S+) *$/i;
const callers = new WeakMap<FastifyRequest, Caller>();

/**
 * Every route under `/v1` needs an admin key, or a session that was opened with one, that its access allows, whoever
 * adds the route: without any, it is closed. A right key is let in however often wrong ones came from its address, so
 * that nobody can lock administrators out by guessing beside them.
 */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    private readonly identify: IdentifyAdmin,
    private readonly reflector: Reflector,
    private readonly sessions: Sessions,
    private readonly refusal: LoginRefusal,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (!request.routeOptions.url?.startsWith('/v1/')) return true;
    const access = this.reflector.get<Access | 'anyone' | undefined>(ACCESS, context.getHandler());
    if (access === 'anyone') return true;
    const admin = await this.admin(request);
    refuseForbidden(admin, access);
    callers.set(request, { ...admin, address: request.ip });
    return true;
  }

  private async admin(request: FastifyRequest): Promise<Admin> {
    const { authorization } = request.headers;
    const secret = sessionUsed(request);
    if (secret === null) {
      const token = bearerToken(request);
      const admin = token === null ? null : await this.identify.execute(token);
      if (admin === null) throw this.refusal.of(request.ip, token, explain(authorization));
      return admin;
    }
    if (!isFromOwnPage(request)) throw new TollgateError('forbidden', FOREIGN_PAGE);
    const admin = await this.sessions.identifyBy(secret, Date.now());
    // What has ended is no guess.
    if (admin === null) throw new TollgateError('invalid_admin_key', 'The session has ended: sign in again.');
    return admin;
  }
}

const FOREIGN_PAGE =
  "A session works from this deployment's own pages only; elsewhere, send an admin key as a bearer token.";

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
