import { Modal } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import styles from './form.module.css';
import { FormEnd } from './form-end.tsx';
import { isTyped, TypedName } from './typed-name.tsx';

interface ConfirmedProps {
  readonly title: string;
  /** What will happen, in whole sentences. */
  readonly children: ReactNode;
  /** What must be typed first; `undefined` where what is done can be undone. */
  readonly typed?: string;
  readonly submit: string;
  readonly failed: string;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** An act that is confirmed in words before it is done. */
export function Confirmed(props: ConfirmedProps) {
  const { title, children, typed, submit, failed, error, isPending, onConfirm, onClose } = props;
  const [value, setValue] = useState('');
  const isReady = typed === undefined || isTyped(typed, value);
  const confirm = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onConfirm();
  };
  return (
    <Modal opened onClose={onClose} title={title} size={480}>
      <form className={styles['form']} onSubmit={confirm}>
        {children}
        {typed !== undefined && <TypedName name={typed} value={value} onChange={setValue} />}
        <FormEnd
          error={error}
          what={failed}
          submit={submit}
          isPending={isPending}
          isDisabled={!isReady}
          isDestructive={typed !== undefined}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
