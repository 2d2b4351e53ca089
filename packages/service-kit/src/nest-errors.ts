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

/** What nobody refused: the database is away, or something failed that should not. */
function fromFailure(error: unknown): TollgateError {
  if (!isDatabaseAway(error))
    return new TollgateError('internal_error', 'Something failed here that should not; it has been logged.');
  const message =
    "This service's database does not answer. Try again; if it stays so, see the database and the log.";
  return new TollgateError('database_unavailable', message, { retryAfterSeconds: 1 });
}

/** Answers every error in the one shape; one that nobody foresaw is logged and answered without its details. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    // Errors of message handlers belong to their consumer, which retries.
    if (host.getType() !== 'http') throw error;
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refused = error instanceof TollgateError ? error : fromFramework(error, request);
    const answer = refused ?? fromFailure(error);
    if (!refused)
      this.logger.error(
        { err: error, request_id: request.id, method: request.method, path: request.url.split('?')[0] },
        answer.code === 'internal_error' ? 'unforeseen error' : 'the database is away',
      );
    const { retryAfterSeconds } = answer.extras;
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    void reply.status(answer.status).send(answer.toBody());
  }
}
