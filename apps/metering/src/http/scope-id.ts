import { z } from 'zod';

/** The id of a scope. NUL is the one character that the database cannot compare with. */
export const scopeId = z.string().regex(/^[\w~.-]{1,128}$/, 'must be the id of a key, team or organization');
