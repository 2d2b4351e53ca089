import { AdminApiError } from '@tollgate/admin-client/error';

/** An error as people are told it. The API's messages say what to do, and stay as they are. */
export function inWords(error: unknown): string {
  if (error instanceof AdminApiError && error.status === 0) {
    return 'Tollgate does not answer. Look whether key-admin runs and this machine is online.';
  }
  return error instanceof Error ? error.message : String(error);
}
