import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { type StreamQuery, streamQuery } from '@tollgate/contracts/stream-http';
import { Input } from '@tollgate/service-kit/input';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../admin-keys/caller.ts';
import { digestOf } from '../sessions/sessions.ts';
import { OpenStream } from '../stream/open-stream.ts';
import { AllowInTeam } from './access.ts';
import { By } from './admin-guard.ts';
import { sessionUsed } from './session-cookie.ts';

@Controller('v1/stream')
export class StreamController {
  constructor(private readonly openStream: OpenStream) {}

  @Get()
  @AllowInTeam('viewer')
  async open(
    @By() admin: Caller,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query(new Input(streamQuery)) { watch = [] }: StreamQuery,
  ): Promise<void> {
    // An answer without a body would stay open for nothing.
    if (request.method === 'HEAD') return void reply.send();
    const secret = sessionUsed(request);
    const session = secret === null ? null : digestOf(secret);
    const lastEventId = request.headers['last-event-id'];
    const wanted = { watch, lastEventId: typeof lastEventId === 'string' ? lastEventId : null };
    await this.openStream.execute({ admin, session }, wanted, () => {
      reply.hijack();
      return reply.raw;
    });
  }
}
