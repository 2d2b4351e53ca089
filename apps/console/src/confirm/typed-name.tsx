import { TextInput } from '@mantine/core';

interface TypedNameProps {
  readonly name: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** What cannot be undone is confirmed by typing the name of what it is done to. */
export function TypedName({ name, value, onChange }: TypedNameProps) {
  return (
    <TextInput
      label={
        <>
          Type <bdi style={{ fontWeight: 600 }}>{name}</bdi> to confirm
        </>
      }
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
      dir="auto"
      data-autofocus
    />
  );
}

/** Whether what was typed is the name; spaces around it are forgiven. */
export const isTyped = (name: string, value: string): boolean => value.trim() === name.trim();
