import { TollgateError } from '@tollgate/contracts/errors';
import { z } from 'zod';
import type { Place } from './sql/read-lines.ts';

const place = z.tuple([z.int(), z.string().min(1).max(300)]);

export const writeCursor = ({ atMs, id }: Place): string =>
  Buffer.from(JSON.stringify([atMs, id])).toString('base64url');

/** @throws TollgateError `invalid_field` where the text is no cursor of a statement */
export function readCursor(text: string): Place {
  const { data } = place.safeParse(decode(text));
  if (data && !data[1].includes('\0')) return { atMs: data[0], id: data[1] };
  const message = 'cursor: must be the next_cursor of a page of this statement; leave it out to start again';
  throw new TollgateError('invalid_field', message, { param: 'cursor' });
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
