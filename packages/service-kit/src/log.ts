import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** Fields that must never be written, wherever they turn up. */
const SECRET_FIELDS = ['authorization', 'x-api-key', 'cookie', 'secret', 'token', 'password', 'api_key'];
const redact = SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);

export type { Logger } from 'pino';

/** A structured logger of one service: JSON lines on stdout. */
export const createLogger = (service: string, level: string): Logger =>
  pino({ name: service, level, redact: { paths: redact, censor: '[redacted]' }, base: { service } });

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
