import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { canEndOtherwise, inWords } from './in-words.ts';
import styles from './trouble.module.css';

interface TroubleProps {
  readonly error: unknown;
  /** What is done again; its promise ends with it. */
  readonly onRetry?: (() => Promise<unknown>) | undefined;
  /** What could not be done: `The keys could not be read.` */
  readonly what: string;
}

/** An error in the server's own words, with another try where that can end otherwise. */
export function Trouble({ error, onRetry, what }: TroubleProps) {
  const [isTrying, setTrying] = useState(false);
  const tryAgain = () => {
    setTrying(true);
    void onRetry?.().finally(() => setTrying(false));
  };
  return (
    <div className={styles['trouble']} role="alert">
      <IconAlertTriangle size={18} stroke={1.6} aria-hidden="true" />
      <div>
        <strong>{what}</strong>
        <p>{inWords(error)}</p>
      </div>
      {onRetry && canEndOtherwise(error) && (
        <Button variant="default" size="xs" loading={isTrying} onClick={tryAgain}>
          Try again
        </Button>
      )}
    </div>
  );
}
