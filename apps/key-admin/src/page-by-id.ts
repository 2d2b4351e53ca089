import { TollgateError } from '@tollgate/contracts/errors';
import { decodeCursor, encodeCursor } from '@tollgate/service-kit/cursor';
import { z } from 'zod';

/** Lists run from the newest to the oldest, by id; a page continues after the last one shown. */
export interface Page<Row> {
  readonly shown: Row[];
  readonly nextCursor: string | null;
}

/** The page of rows of which one more than `limit` was asked for. */
export function toPage<Row extends { readonly id: string | number }>(
  rows: readonly Row[],
  limit: number,
): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: rows.length > limit && last ? encodeCursor([last.id]) : null };
}

/** The id after which a page begins. @throws TollgateError `invalid_field` where the text is no cursor of the list */
export function readCursor<Id>(text: string | undefined, id: z.ZodType<Id>): Id | null {
  if (text === undefined) return null;
  const place = z.tuple([id]).safeParse(decodeCursor(text));
  if (place.success) return place.data[0];
  const message = 'cursor: must be the next_cursor of a page of this list; leave it out to start again';
  throw new TollgateError('invalid_field', message, { param: 'cursor' });
}
