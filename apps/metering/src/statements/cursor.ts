import { TollgateError } from '@tollgate/contracts/errors';
import { decodeCursor, encodeCursor } from '@tollgate/service-kit/cursor';
import { z } from 'zod';
import type { Place } from './sql/read-lines.ts';

const place = z.tuple([z.int(), z.string().min(1).max(300)]);

export const writeCursor = ({ atMs, id }: Place): string => encodeCursor([atMs, id]);

/** @throws TollgateError `invalid_field` where the text is no cursor of a statement */
export function readCursor(text: string): Place {
  const { data } = place.safeParse(decodeCursor(text));
  if (data && !data[1].includes('\0')) return { atMs: data[0], id: data[1] };
  const message = 'cursor: must be the next_cursor of a page of this statement; leave it out to start again';
  throw new TollgateError('invalid_field', message, { param: 'cursor' });
}
