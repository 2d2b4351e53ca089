import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { FastifyRequest } from 'fastify';

/** What makes a call that is repeated the same call; `null` where the caller does not say. */
export const IdempotencyKey = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readKey(context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key']),
);

function readKey(header: string | string[] | undefined): string | null {
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw new TollgateError('invalid_field', 'Idempotency-Key must be 1 to 255 visible ASCII characters', {
    param: 'Idempotency-Key',
  });
}
