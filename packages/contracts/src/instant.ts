import { z } from 'zod';

/** Any RFC 3339 instant; kept in UTC with milliseconds. */
export const instantInput = z.iso
  .datetime({ offset: true, error: 'must be an RFC 3339 instant such as "2027-01-31T00:00:00Z"' })
  .transform((text) => new Date(text).toISOString());
