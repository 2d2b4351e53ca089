import type { IncomingMessage } from 'node:http';
import { TollgateError } from '@tollgate/contracts/errors';

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
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) {
        req.removeAllListeners('data');
        req.resume();
        reject(tooLarge(limitBytes));
        return;
      }
      chunks.push(chunk);
    });
    req.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)));
    req.on('error', () => reject(new ClientGone()));
    // Every request closes; an error, with its stack, is made only for those that were cut off.
    req.on('close', () => {
      if (!req.complete) reject(new ClientGone());
    });
  });
}
