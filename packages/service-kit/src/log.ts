import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentRequestId } from './request-id.ts';

/** Fields that must never be written, wherever they turn up. */
const SECRET_FIELDS = ['authorization', 'x-api-key', 'cookie', 'secret', 'token', 'password', 'api_key'];
const redact = SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);

/**
 * What a log has of an error. Libraries hang on their errors what they were about, such as a query's parameters, which are
 * nobody's business here.
 */
function errorOf(error: unknown): unknown {
  if (!isErrorLike(error)) return String(error);
  const { code, cause } = error;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' && { code }),
    ...(isErrorLike(cause) && { cause: errorOf(cause) }),
  };
}

interface ErrorLike extends Error {
  readonly code?: unknown;
}

const isErrorLike = (error: unknown): error is ErrorLike =>
  typeof error === 'object' && error !== null && 'message' in error && 'stack' in error;

export type { Logger } from 'pino';

/** A structured logger of one service: JSON lines on stdout, unless another destination is given. */
export const createLogger = (service: string, level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      name: service,
      level,
      redact: { paths: redact, censor: '[redacted]' },
      base: { service },
      serializers: { err: errorOf },
      mixin: () => {
        const request_id = currentRequestId();
        return request_id === undefined ? {} : { request_id };
      },
    },
    destination ?? pino.destination(1),
  );

/** Lets Nest write through the service's own logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log = (message: unknown, context?: string) => this.logger.debug({ context }, String(message));
  debug = (message: unknown, context?: string) => this.logger.debug({ context }, String(message));
  verbose = (message: unknown, context?: string) => this.logger.trace({ context }, String(message));
  warn = (message: unknown, context?: string) => this.logger.warn({ context }, String(message));
  error = (message: unknown, stack?: string, context?: string) =>
    this.logger.error({ context, stack }, message instanceof Error ? message.message : String(message));
  fatal = (message: unknown, context?: string) => this.logger.fatal({ context }, String(message));
}
