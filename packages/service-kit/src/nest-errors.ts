import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isDatabaseAway } from './database-away.ts';
import type { Logger } from './log.ts';

/** What Nest or Fastify refuse by themselves (no such route, unreadable body …) in Tollgate's words. */
function fromFramework(error: unknown, request: FastifyRequest): TollgateError | null {
  const status =
    error instanceof HttpException ? error.getStatus() : (error as { statusCode?: unknown })?.statusCode;
  const message = error instanceof Error ? error.message : '';
  switch (status) {
    case 404:
      return new TollgateError(
        'not_found',
        `There is no ${request.method} ${request.url.split('?')[0]} here.`,
      );
    case 400:
      return new TollgateError('invalid_body', `The request's body is not readable JSON: ${message}`);
    case 413:
      return new TollgateError('body_too_large', 'The request body is too large.');
    case 415:
      return new TollgateError('unsupported_encoding', 'Send the body as content-type: application/json.');
    default:
      return null;
  }
}

/** What a service says while its database is away: nothing is wrong with what it was asked. */
const databaseUnavailable = () =>
  new TollgateError(
    'database_unavailable',
    "This service's database does not answer: try again. Where it goes on, see the service's log and the database.",
    { retryAfterSeconds: 1 },
  );

/** Answers every error in the one shape; one that nobody foresaw is logged and answered without its details. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // Errors of message handlers belong to their consumer, which retries.
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const foreseen = error instanceof TollgateError ? error : fromFramework(error, request);
    const isAway = !foreseen && isDatabaseAway(error);
    if (!foreseen)
      this.logger.error(
        { err: error, request_id: request.id, method: request.method, path: request.url.split('?')[0] },
        isAway ? 'the database is away' : 'unforeseen error',
      );
    const known =
      foreseen ??
      (isAway ? databaseUnavailable() : null) ??
      new TollgateError('internal_error', 'Something failed here that should not; it has been logged.');
    const { retryAfterSeconds } = known.extras;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    void reply.status(known.status).send(known.toBody());
  }
}
