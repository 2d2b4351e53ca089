import { Autocomplete, CloseButton, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { type KeyStatus, keyStatus } from '@tollgate/contracts/admin-http';
import { useState } from 'react';
import { TeamSelect } from '../teams/team-select.tsx';
import { USUAL_ENVIRONMENTS } from './environments.ts';
import styles from './filter-bar.module.css';
import type { KeyFilters } from './key-filters.ts';
import { STATUS_WORDS } from './key-state.ts';

/** As long as people type, nothing is asked. */
const TYPING_MS = 250;

const STATUSES = keyStatus.options.map((value) => ({ value, label: STATUS_WORDS[value] }));
const SORTS = [
  { value: '-created_at', label: 'Newest first' },
  { value: 'created_at', label: 'Oldest first' },
  { value: 'name', label: 'Name, A to Z' },
  { value: '-name', label: 'Name, Z to A' },
];

interface FilterBarProps {
  readonly filters: KeyFilters;
  readonly change: (changes: Partial<KeyFilters>) => void;
}

/** What the list shows and in which order. */
export function FilterBar({ filters, change }: FilterBarProps) {
  const [search, setSearch] = useState(filters.search);
  const [environment, setEnvironment] = useState(filters.environment);
  const later = useDebouncedCallback(change, TYPING_MS);
  const type = (field: 'search' | 'environment', set: (text: string) => void) => (text: string) => {
    set(text);
    later({ [field]: text });
  };
  const typeSearch = type('search', setSearch);
  return (
    <search className={styles['bar']} aria-label="Filter the keys">
      <TextInput
        className={styles['search']!}
        aria-label="Search by name"
        placeholder="Search keys"
        value={search}
        onChange={(event) => typeSearch(event.currentTarget.value)}
        leftSection={<IconSearch size={15} stroke={1.7} />}
        rightSection={
          search !== '' && (
            <CloseButton size="sm" aria-label="Clear the search" onClick={() => typeSearch('')} />
          )
        }
      />
      <TeamSelect
        aria-label="Team"
        placeholder="All teams"
        value={filters.team_id}
        onChange={(team_id) => change({ team_id })}
        clearable
      />
      <Autocomplete
        aria-label="Environment"
        placeholder="All environments"
        data={USUAL_ENVIRONMENTS}
        value={environment}
        onChange={type('environment', setEnvironment)}
        clearable
      />
      <Select
        aria-label="Status"
        placeholder="Any status"
        data={STATUSES}
        value={filters.status}
        onChange={(status) => change({ status: status as KeyStatus | null })}
        clearable
      />
      <Select
        className={styles['sort']!}
        aria-label="Order"
        data={SORTS}
        value={filters.sort}
        onChange={(sort) => sort !== null && change({ sort: sort as KeyFilters['sort'] })}
        allowDeselect={false}
      />
    </search>
  );
}
