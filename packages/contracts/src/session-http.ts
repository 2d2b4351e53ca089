import { z } from 'zod';
import { me } from './admin-keys-http.ts';

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 43_200;

export const createSessionBody = z.strictObject({
  admin_key: z.string().max(128, 'is too long for an admin key'),
});
export type CreateSessionBody = z.infer<typeof createSessionBody>;

/** Whose session it is. What opens the API is in a cookie that scripts cannot read. */
export const session = me.extend({ expires_at: z.string() });
export type Session = z.infer<typeof session>;

export const endedSession = z.object({ ended: z.boolean() });
export type EndedSession = z.infer<typeof endedSession>;
