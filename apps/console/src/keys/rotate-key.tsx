import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { Overlap, USUAL_OVERLAP } from '../secret/overlap.tsx';
import { SecretOnce } from '../secret/secret-once.tsx';
import { usePhone } from '../theme/phone.ts';
import { useKeyChanged } from './use-key-changed.ts';

/** Gives a key a new secret, which is shown once. */
export function RotateKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const changed = useKeyChanged();
  const isPhone = usePhone();
  const [overlap, setOverlap] = useState(USUAL_OVERLAP);
  const rotate = useMutation({
    mutationFn: () => admin.keys.rotate({ id: key.id, body: { overlap_seconds: Number(overlap) } }),
    onSuccess: ({ key: rotated }) => changed(rotated),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate();
  };
  if (rotate.isSuccess) {
    const { secret, propagation } = rotate.data;
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title={`Save the new secret of ${key.name}`}
        size={620}
        fullScreen={isPhone}
      >
        <SecretOnce secret={secret} propagation={propagation} onSaved={onClose} />
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={`Rotate ${key.name}`} size={480}>
      <form className={styles['form']} onSubmit={submit}>
        <p>The key gets a new secret at once. Its limits and what it has used stay as they are.</p>
        <Overlap label="The old secret goes on working" value={overlap} onChange={setOverlap} />
        <FormEnd
          error={rotate.error}
          what="The key was not rotated."
          submit="Rotate key"
          isPending={rotate.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
