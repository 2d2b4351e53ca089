import type { Admin } from '../admin-keys/caller.ts';

/** What a stream was opened with, and ends with. */
export interface Credential {
  readonly admin: Admin;
  /** The digest of the session; `null` where the admin key itself came. */
  readonly session: string | null;
}
