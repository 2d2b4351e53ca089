import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import type { KeyFilters } from './key-filters.ts';

/** One page of the list, and the way to the ones beside it. A change of the filters goes back to the first. */
export function useKeyPage(filters: KeyFilters) {
  const wanted = JSON.stringify(filters);
  const [trail, setTrail] = useState<{ of: string; cursors: readonly string[] }>({ of: wanted, cursors: [] });
  const cursors = trail.of === wanted ? trail.cursors : [];
  const cursor = cursors.at(-1);
  const { search, team_id, environment, status, sort, limit } = filters;
  const page = useQuery({
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
    placeholderData: keepPreviousData,
  });
  const next = page.data?.next_cursor ?? null;
  return {
    page,
    /** From 1. */
    number: cursors.length + 1,
    goNext: next === null ? null : () => setTrail({ of: wanted, cursors: [...cursors, next] }),
    goBack: cursors.length === 0 ? null : () => setTrail({ of: wanted, cursors: cursors.slice(0, -1) }),
  };
}
