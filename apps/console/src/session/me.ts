import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import { AdminApiError } from '@tollgate/admin-client/error';
import type { Me } from '@tollgate/contracts/admin-keys-http';
import { admin } from '../api/admin.ts';

export const ME = ['me'] as const;

async function askWhoIAm(): Promise<Me | null> {
  try {
    return await admin.adminKeys.me();
  } catch (error) {
    if (error instanceof AdminApiError && error.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; `null` is nobody. */
export const useWhoIsThere = () =>
  useQuery({ queryKey: ME, queryFn: askWhoIAm, staleTime: Number.POSITIVE_INFINITY });

/** Who is signed in, on pages that only they see. */
export function useMe(): Me {
  const me = useQueryClient().getQueryData<Me | null>(ME);
  if (!me) throw new Error('a page of the signed in was shown to nobody');
  return me;
}

/** What the last administrator saw is not the next one's. */
export function enter(client: QueryClient, me: Me | null) {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
  client.setQueryData(ME, me);
}
