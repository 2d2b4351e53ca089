import '@mantine/dates/styles.layer.css';
import { CloseButton, Select, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import { useDebouncedCallback } from '@mantine/hooks';
import type { AuditAction } from '@tollgate/contracts/audit-http';
import { useEffect, useState } from 'react';
import type { AuditFilters } from './audit-filters.ts';
import styles from './audit-log.module.css';
import { ACTION_CHOICES } from './audit-words.ts';

/** As long as people type, nothing is asked. */
const TYPING_MS = 300;

interface FilterBarProps {
  readonly filters: AuditFilters;
  readonly change: (changes: Partial<AuditFilters>) => void;
  /** Those who can be chosen, by id and name. */
  readonly actors: readonly { readonly value: string; readonly label: string }[];
}

/** Which entries are shown. */
export function FilterBar({ filters, change, actors }: FilterBarProps) {
  return (
    <search className={styles['bar']} aria-label="Filter the audit log">
      <Select
        aria-label="What was done"
        placeholder="Anything"
        data={ACTION_CHOICES}
        value={filters.action}
        onChange={(action) => change({ action: action as AuditAction | null })}
        clearable
        searchable
        nothingFoundMessage="No such deed"
      />
      <Select
        aria-label="Who did it"
        placeholder="By anybody"
        data={[...actors]}
        value={filters.actor}
        onChange={(actor) => change({ actor })}
        clearable
        searchable
        nothingFoundMessage="Nobody on this page"
      />
      <TargetField target={filters.target ?? ''} onChange={(target) => change({ target })} />
      {/* A button, whose words name it. */}
      <DatePickerInput
        type="range"
        placeholder="Any time"
        valueFormat="D MMM"
        value={[filters.from, filters.to]}
        onChange={([from, to]) => change({ from, to })}
        allowSingleDateInRange
        clearable
      />
    </search>
  );
}

interface TargetFieldProps {
  readonly target: string;
  readonly onChange: (target: string) => void;
}

function TargetField({ target, onChange }: TargetFieldProps) {
  const [typed, setTyped] = useState(target);
  useEffect(() => setTyped(target), [target]);
  const later = useDebouncedCallback(onChange, TYPING_MS);
  return (
    <TextInput
      aria-label="Id of what was changed"
      placeholder="Id: key_…, team_…"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        later(event.currentTarget.value);
      }}
      spellCheck={false}
      rightSection={
        typed !== '' && <CloseButton size="sm" aria-label="Clear the id" onClick={() => onChange('')} />
      }
    />
  );
}
