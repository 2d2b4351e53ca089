import { Body, Controller, Delete, Header, Post, Req, Res } from '@nestjs/common';
import {
  type CreateSessionBody,
  createSessionBody,
  type EndedSession,
  type Session,
} from '@tollgate/contracts/session-http';
import { Input } from '@tollgate/service-kit/input';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../admin-keys/caller.ts';
import { IdentifyAdmin } from '../admin-keys/identify-admin.ts';
import { Sessions } from '../sessions/sessions.ts';
import { AllowAnyone, AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { GatewayAddress } from './gateway-address.ts';
import { LoginRefusal } from './login-refusal.ts';
import { sessionCookie, sessionOf } from './session-cookie.ts';

const WRONG = 'The admin key is wrong, or has ended: give one that is valid, whole, tga_….';

/** Signs browsers in and out. */
@Controller('v1/session')
export class SessionController {
  constructor(
    private readonly identify: IdentifyAdmin,
    private readonly sessions: Sessions,
    private readonly refusal: LoginRefusal,
    private readonly gateway: GatewayAddress,
  ) {}

  /** Opens a session with an admin key, which the browser need not keep. */
  @Post()
  @AllowAnyone()
  @Header('cache-control', 'no-store')
  async create(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body(new Input(createSessionBody)) { admin_key }: CreateSessionBody,
  ): Promise<Session> {
    const admin = await this.identify.execute(admin_key);
    if (admin === null) throw this.refusal.of(request.ip, admin_key, WRONG);
    const caller = { ...admin, address: request.ip };
    const { secret, expiresAt } = await this.sessions.open(caller, Date.now());
    void reply.header('set-cookie', sessionCookie(request, secret));
    return { ...admin, gateway_url: this.gateway.url, expires_at: expiresAt.toISOString() };
  }

  @Delete()
  @AllowInTeam('viewer')
  async end(
    @By() caller: Caller,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EndedSession> {
    const secret = sessionOf(request);
    const ended = secret !== null && (await this.sessions.end(caller, secret, Date.now()));
    void reply.header('set-cookie', sessionCookie(request, ''));
    return { ended };
  }
}
