import { Switch } from '@mantine/core';
import { useState } from 'react';

interface ToggleProps {
  /** What the switch is read out as. */
  readonly label: string;
  readonly on: boolean;
  /** Asks for the change; `onSettled` is to be called once `on` says what came of it. */
  readonly change: (on: boolean, settled: { readonly onSettled: () => void }) => void;
}

/** A switch of something that the server keeps: it shows what was asked for, and goes back where that was refused. */
export function Toggle({ label, on, change }: ToggleProps) {
  // A mutation tells that it is pending only after the click was drawn: the switch would jump back for a moment.
  const [asked, setAsked] = useState<boolean | null>(null);
  const ask = (wanted: boolean) => {
    setAsked(wanted);
    change(wanted, { onSettled: () => setAsked(null) });
  };
  return (
    <Switch
      size="sm"
      aria-label={label}
      checked={asked ?? on}
      onChange={(event) => ask(event.currentTarget.checked)}
      disabled={asked !== null}
      withThumbIndicator={false}
    />
  );
}
