import { AdminApiError } from '@tollgate/admin-client/error';

/** How browsers call it that a script or a style sheet of the page did not come. */
const PART_MISSING = /dynamically imported module|module script failed|preload CSS/i;

/** An error as people are told it. The API's messages say what to do, and stay as they are. */
export function inWords(error: unknown): string {
  if (error instanceof AdminApiError && error.status === 0) {
    return 'Tollgate does not answer. Look whether key-admin runs and this machine is online.';
  }
  if (error instanceof Error && PART_MISSING.test(error.message)) {
    return 'Its script did not come: Tollgate does not answer, or has been updated since the page was loaded.';
  }
  return error instanceof Error ? error.message : String(error);
}

/** Whether the same asked again can end otherwise. What the API refuses, it refuses again. */
export const canEndOtherwise = (error: unknown): boolean =>
  !(error instanceof AdminApiError && [403, 404].includes(error.status));
