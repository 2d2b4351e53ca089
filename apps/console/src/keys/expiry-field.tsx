import '@mantine/dates/styles.layer.css';
import { SegmentedControl } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { type ReactNode, useState } from 'react';
import styles from './expiry-field.module.css';

const DAY_MS = 86_400_000;
const CHOICES = [
  { value: 'never', label: 'Never' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'date', label: 'Date' },
];

interface ExpiryFieldProps {
  readonly value?: string | null;
  readonly onChange?: (instant: string | null) => void;
  readonly error?: ReactNode;
}

/** `2027-01-31 00:00:00` in the viewer's zone, as the picker has it. */
const pickerText = (instant: string) => {
  const date = new Date(instant);
  const pad = (part: number) => String(part).padStart(2, '0');
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
};

/** When a key expires: never, in so many days, or at a time of the viewer's zone. */
export function ExpiryField({ value = null, onChange, error }: ExpiryFieldProps) {
  const [choice, setChoice] = useState(value === null ? 'never' : 'date');
  const choose = (next: string) => {
    setChoice(next);
    if (next === 'never') onChange?.(null);
    else if (next !== 'date') onChange?.(new Date(Date.now() + Number(next) * DAY_MS).toISOString());
    else if (value === null) onChange?.(new Date(Date.now() + 30 * DAY_MS).toISOString());
  };
  return (
    <div className={styles['expiry']}>
      <span id="expiry-label">Expiration</span>
      <SegmentedControl
        aria-labelledby="expiry-label"
        data={CHOICES}
        value={choice}
        onChange={choose}
        size="xs"
        fullWidth
      />
      {value !== null && (
        <DateTimePicker
          aria-label="Expires at"
          value={pickerText(value)}
          onChange={(text) => {
            setChoice('date');
            onChange?.(text === null ? null : new Date(text.replace(' ', 'T')).toISOString());
          }}
          valueFormat="D MMM YYYY, HH:mm"
          minDate={new Date().toISOString().slice(0, 10)}
          error={error}
          popoverProps={{ withinPortal: true }}
        />
      )}
    </div>
  );
}
