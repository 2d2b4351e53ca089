import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';
import type { FastifyRequest } from 'fastify';

/** From `If-Match: 3` or `"3"`: the version that the caller has seen; `null` where it does not say. */
export const ExpectedVersion = createParamDecorator((_: unknown, context: ExecutionContext) =>
  readVersion(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']),
);

function readVersion(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const match = /^\s*(?:"(\d{1,9})"|(\d{1,9}))\s*$/.exec(header);
  if (match) return Number(match[1] ?? match[2]);
  throw new TollgateError(
    'invalid_field',
    'If-Match must be the version that was read, such as "3"; leave it out to change any',
    {
      param: 'If-Match',
    },
  );
}
