import { keepPreviousData, queryOptions, usePrefetchQuery, useQuery } from '@tanstack/react-query';
import { admin } from '../api/admin.ts';
import { usePages } from '../list/use-pages.ts';
import type { KeyFilters } from './key-filters.ts';

/** One page of the list, and the way to the ones beside it. A change of the filters goes back to the first. */
export function useKeyPage(filters: KeyFilters) {
  const { cursor, waysFrom } = usePages(filters);
  const { search, team_id, environment, status, sort, limit } = filters;
  const wanted = queryOptions({
    queryKey: ['keys', 'list', filters, cursor ?? null],
    queryFn: ({ signal }) =>
      admin.keys.list({
        query: {
          ...{ sort, limit },
          ...(search.trim() !== '' && { search: search.trim() }),
          ...(team_id !== null && { team_id }),
          ...(environment.trim() !== '' && { environment: environment.trim() }),
          ...(status !== null && { status }),
          ...(cursor !== undefined && { cursor }),
        },
        signal,
      }),
  });
  // Asked for while the screen is still being drawn.
  usePrefetchQuery(wanted);
  const page = useQuery({ ...wanted, placeholderData: keepPreviousData });
  return { page, ...waysFrom(page) };
}
