import { Button } from '@mantine/core';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './form-end.module.css';

interface FormEndProps {
  /** What the server refused, where it is about no field that is shown. */
  readonly error: unknown;
  /** What was not done: `The key was not created.` */
  readonly what: string;
  readonly submit: string;
  readonly isPending: boolean;
  readonly isDisabled?: boolean;
  /** What cannot be undone is red. */
  readonly isDestructive?: boolean;
  readonly onCancel: () => void;
}

/** The end of a dialog: what went wrong, the way back, and the act. */
export function FormEnd(props: FormEndProps) {
  const { error, what, submit, isPending, isDisabled = false, isDestructive = false, onCancel } = props;
  return (
    <>
      {error !== null && <Trouble what={what} error={error} />}
      <footer className={styles['end']}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          type="submit"
          loading={isPending}
          disabled={isDisabled}
          {...(isDestructive && { color: 'var(--bad-solid)' })}
        >
          {submit}
        </Button>
      </footer>
    </>
  );
}
