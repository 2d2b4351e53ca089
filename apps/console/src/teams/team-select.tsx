import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue, useUncontrolled } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { admin } from '../api/admin.ts';

/** As long as people type, nothing is asked. */
const TYPING_MS = 200;
/** Further teams are found by their names. */
const OFFERED = 50;
const MORE = { value: 'more', label: 'Type to find others', disabled: true };

interface TeamSelectProps extends Omit<SelectProps<string>, 'data' | 'value' | 'defaultValue' | 'onChange'> {
  readonly value?: string | null;
  readonly defaultValue?: string | null;
  readonly onChange?: (teamId: string | null) => void;
  /** What choosing no team is called, whose value is `''`, where that is a choice of its own. */
  readonly none?: string;
}

/** Chooses a team by its name, of however many there are: the API finds those that match what is typed. */
export function TeamSelect({ value, defaultValue, onChange, none, ...props }: TeamSelectProps) {
  const [chosen, choose] = useUncontrolled<string | null | undefined>({
    value,
    defaultValue,
    finalValue: null,
    onChange: (teamId) => onChange?.(teamId ?? null),
  });
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const alone = useQuery({
    queryKey: ['teams', chosen, 'alone'],
    queryFn: ({ signal }) => admin.teams.get({ id: chosen!, signal }),
    enabled: !!chosen,
  });
  // What stands in the field when a team is chosen is its name, and not what is looked for.
  const isName = typed === (chosen === '' ? none : alone.data?.name);
  const [wanted] = useDebouncedValue(isName ? '' : typed.trim(), TYPING_MS);
  const found = useQuery({
    queryKey: ['teams', 'list', 'offered', wanted],
    queryFn: ({ signal }) =>
      admin.teams.list({ query: { limit: OFFERED, ...(wanted !== '' && { search: wanted }) }, signal }),
    enabled: isOpen,
    placeholderData: keepPreviousData,
  });
  const teams = found.data?.data ?? [];
  const isFound = teams.some(({ id }) => id === alone.data?.id);
  const options = [
    ...(none === undefined ? [] : [{ value: '', label: none }]),
    ...[...(wanted === '' && alone.data && !isFound ? [alone.data] : []), ...teams].map(({ id, name }) => ({
      value: id,
      label: name,
    })),
  ];
  return (
    <Select
      {...props}
      data={[...options, ...(found.data?.next_cursor ? [MORE] : [])]}
      value={chosen ?? null}
      onChange={choose}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpen(true)}
      // They were found by the API, which folds names in its own way.
      filter={({ options: found }) => found}
      nothingFoundMessage={
        found.isError
          ? 'The teams could not be read'
          : found.isFetching
            ? 'Looking …'
            : 'No team has such a name'
      }
    />
  );
}
