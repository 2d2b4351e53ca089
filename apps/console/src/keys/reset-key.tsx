import { Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { count } from '../figures/count.ts';
import { usd } from '../figures/money.ts';
import { useMeter } from '../live/live.tsx';
import { useKeyChanged } from './use-key-changed.ts';

/** Starts a key's counters at zero within its period. */
export function ResetKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const changed = useKeyChanged();
  const used = useMeter(key.id)?.meter;
  const [reason, setReason] = useState('');
  const reset = useMutation({
    mutationFn: () => admin.keys.reset({ id: key.id, body: reason.trim() === '' ? {} : { reason } }),
    onSuccess: ({ propagation: _, ...after }) => {
      changed(after, `${after.name} starts at zero`);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={`Reset usage of ${key.name}`} size={480}>
      <form className={styles['form']} onSubmit={submit}>
        <p>
          Cost and tokens of the current period start at zero
          {used && (
            <>
              {' '}
              from <strong>{usd(used.cost_usd)}</strong> and <strong>{count(used.tokens)} tokens</strong>
            </>
          )}
          . Records stay in the ledger, and so do the counters of the team and the organization.
        </p>
        <TextInput
          label="Reason"
          description="Optional; it is kept in the audit log."
          maxLength={512}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          data-autofocus
        />
        <FormEnd
          error={reset.error}
          what="The usage was not reset."
          submit="Reset usage"
          isPending={reset.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
