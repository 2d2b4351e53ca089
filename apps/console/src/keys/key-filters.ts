import { KEY_SORTS, type KeyStatus, keyStatus } from '@tollgate/contracts/admin-http';
import { useSearchParams } from 'wouter';

type Sort = (typeof KEY_SORTS)[number];
const PAGE_SIZES = [25, 50, 100, 200] as const;

/** What the list shows; it is in the page's address, so that it can be sent to somebody. */
export interface KeyFilters {
  readonly search: string;
  readonly team_id: string | null;
  readonly environment: string;
  readonly status: KeyStatus | null;
  readonly sort: Sort;
  readonly limit: number;
}

const DEFAULT_SORT: Sort = '-created_at';
export const SIZES = PAGE_SIZES.map(String);

const oneOf = <T extends string>(values: readonly T[], text: string | null): T | null =>
  values.find((value) => value === text) ?? null;

function read(params: URLSearchParams): KeyFilters {
  return {
    search: params.get('search') ?? '',
    team_id: params.get('team'),
    environment: params.get('environment') ?? '',
    status: oneOf(keyStatus.options, params.get('status')),
    sort: oneOf(KEY_SORTS, params.get('sort')) ?? DEFAULT_SORT,
    limit: PAGE_SIZES.find((size) => String(size) === params.get('size')) ?? PAGE_SIZES[0],
  };
}

const NAMES: Record<keyof KeyFilters, string> = {
  ...{
    search: 'search',
    team_id: 'team',
    environment: 'environment',
    status: 'status',
    sort: 'sort',
    limit: 'size',
  },
};

export function useKeyFilters() {
  const [params, setParams] = useSearchParams();
  const filters = read(params);
  const change = (changes: Partial<KeyFilters>) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [field, value] of Object.entries(changes)) {
          const name = NAMES[field as keyof KeyFilters];
          if (value === null || value === '' || value === DEFAULT_SORT || value === PAGE_SIZES[0])
            after.delete(name);
          else after.set(name, String(value));
        }
        return after;
      },
      { replace: true },
    );
  return { filters, change };
}

export const isFiltered = ({ search, team_id, environment, status }: KeyFilters): boolean =>
  search !== '' || team_id !== null || environment !== '' || status !== null;

export const NO_FILTERS = { search: '', team_id: null, environment: '', status: null } as const;
