import { QueryCache, QueryClient } from '@tanstack/react-query';
import { AdminApiError } from '@tollgate/admin-client/error';
import { ME } from '../session/me.ts';

/** The session has ended, or its admin key was revoked: the page goes back to signing in. */
const isSignedOut = (error: unknown) => error instanceof AdminApiError && error.status === 401;

const FRESH_MS = 30_000;
const TRIES = 2;

/** What was asked is fresh until the stream tells of a change; refusals are final, silences are asked again. */
export function createQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) client.setQueryData(ME, null);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) =>
          failures < TRIES && !(error instanceof AdminApiError && error.status > 0 && error.status < 500),
      },
    },
  });
  return client;
}
