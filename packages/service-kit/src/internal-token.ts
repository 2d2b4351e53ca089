import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { TollgateError } from '@tollgate/contracts/errors';

export const INTERNAL_TOKEN = Symbol('TOLLGATE_INTERNAL_TOKEN');

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Lets in the deployment's own services: `Authorization: Bearer <TOLLGATE_INTERNAL_TOKEN>`. */
@Injectable()
export class InternalToken implements CanActivate {
  private readonly expected: Buffer;

  constructor(@Inject(INTERNAL_TOKEN) token: string) {
    this.expected = digest(`Bearer ${token}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { authorization } = context
      .switchToHttp()
      .getRequest<{ headers: { authorization?: string } }>().headers;
    // Digests have one length, so that the comparison tells nothing of the token's.
    if (authorization && timingSafeEqual(digest(authorization), this.expected)) return true;
    throw new TollgateError(
      'invalid_internal_token',
      "This is for the deployment's own services: send `Authorization: Bearer <TOLLGATE_INTERNAL_TOKEN>`.",
    );
  }
}
