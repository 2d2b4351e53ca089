import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { isTyped, TypedName } from '../confirm/typed-name.tsx';
import { When } from '../figures/when.tsx';
import { useMeter } from '../live/live.tsx';
import { useKeyChanged } from './use-key-changed.ts';

interface DeleteKeyProps {
  readonly of: Key;
  readonly onClose: () => void;
}

/** Revokes a key for good, once its name is typed. */
export function DeleteKey({ of: key, onClose }: DeleteKeyProps) {
  const changed = useKeyChanged();
  const lastUsed = useMeter(key.id)?.last_used_at ?? key.last_used_at;
  const [typed, setTyped] = useState('');
  const revoke = useMutation({
    mutationFn: () => admin.keys.revoke({ id: key.id }),
    onSuccess: ({ propagation: _, ...revoked }) => {
      changed(revoked, `${revoked.name} is deleted`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isTyped(key.name, typed)) revoke.mutate();
  };
  return (
    <Modal opened onClose={onClose} title="Delete API key" size={480}>
      <form className={styles['form']} onSubmit={submit}>
        <p>
          <strong>
            <bdi>{key.name}</bdi>
          </strong>{' '}
          stops working at every gateway within a second, and requests of it that are under way are broken
          off. This is permanent: a deleted key cannot be brought back. What it used stays in the ledger.
        </p>
        <p>
          {lastUsed === null ? (
            'It has never been used.'
          ) : (
            <>
              It was last used{' '}
              <strong>
                <When at={lastUsed} />
              </strong>
              .
            </>
          )}
        </p>
        <TypedName name={key.name} value={typed} onChange={setTyped} />
        <FormEnd
          error={revoke.error}
          what="The key was not deleted."
          submit="Delete key"
          isPending={revoke.isPending}
          isDisabled={!isTyped(key.name, typed)}
          isDestructive
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
