import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { inWords } from './in-words.ts';
import styles from './trouble.module.css';

interface TroubleProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
  /** What could not be done: `The keys could not be read.` */
  readonly what: string;
}

/** An error in the server's own words, with another try. */
export function Trouble({ error, onRetry, what }: TroubleProps) {
  return (
    <div className={styles['trouble']} role="alert">
      <IconAlertTriangle size={18} stroke={1.6} aria-hidden="true" />
      <div>
        <strong>{what}</strong>
        <p>{inWords(error)}</p>
      </div>
      {onRetry && (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}
