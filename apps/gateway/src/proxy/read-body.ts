import type { IncomingMessage } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';
import { Gathered } from '@tollgate/service-kit/gathered';

/** The client went away before its request was complete; there is nobody to answer. */
export class ClientGone extends Error {}

const tooLarge = (limit: number) =>
  new TollgateError(
    'body_too_large',
    `The request body is larger than the ${limit} bytes this router takes.`,
  );

/** Reads a request's body. @throws TollgateError `body_too_large`, `unsupported_encoding`; ClientGone */
export function readBody(req: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = req.headers['content-encoding'];
  if (encoding && encoding !== 'identity') {
    throw new TollgateError('unsupported_encoding', 'Send the body without content-encoding.');
  }
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes);
  return new Promise((resolve, reject) => {
    const body = new Gathered();
    req.on('data', (chunk: Buffer) => {
      if (body.length + chunk.length > limitBytes) {
        req.removeAllListeners('data');
        req.resume();
        reject(tooLarge(limitBytes));
        return;
      }
      body.add(chunk);
    });
    req.on('end', () => resolve(body.take()));
    req.on('error', () => reject(new ClientGone()));
    // Every request closes; an error, with its stack, is made only for those that were cut off.
    req.on('close', () => {
      if (!req.complete) reject(new ClientGone());
    });
  });
}
