import { TollgateError } from '@tollgate/contracts/errors';
import { keyId } from '@tollgate/contracts/ids';
import { decodeCursor, encodeCursor } from '@tollgate/service-kit/cursor';
import { z } from 'zod';

/** Where a page ended: its order, and the last key's sort value (an RFC 3339 instant or a folded name) and id. */
export interface Place {
  readonly sort: string;
  readonly value: string;
  readonly id: string;
}

const place = z.tuple([z.string(), z.string().max(512), keyId]);
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

export const writeCursor = ({ sort, value, id }: Place): string => encodeCursor([sort, value, id]);

/** @throws TollgateError `invalid_field` where the text is no cursor of a page in this order */
export function readCursor(text: string, sort: string): Place {
  const parsed = place.safeParse(decodeCursor(text));
  const [its, value, id] = parsed.data ?? ['', '', ''];
  const isValue = sort.endsWith('created_at')
    ? INSTANT.test(value) && !Number.isNaN(Date.parse(value))
    : true;
  if (parsed.success && its === sort && isValue && !value.includes('\0')) return { sort, value, id };
  const message = 'cursor: must be the next_cursor of a page in the same order; leave it out to start again';
  throw new TollgateError('invalid_field', message, { param: 'cursor' });
}
