import { Button, Modal } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import act from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { isTyped, TypedName } from '../confirm/typed-name.tsx';
import { counted } from '../figures/count.ts';
import { inWords } from '../trouble/in-words.ts';
import styles from './bulk-bar.module.css';

type BulkAction = 'enable' | 'disable' | 'revoke';
const DONE: Record<BulkAction, string> = { enable: 'enabled', disable: 'disabled', revoke: 'deleted' };

interface BulkBarProps {
  readonly ids: readonly string[];
  readonly onDone: () => void;
}

/** What can be done with all keys that are chosen; each has its own result, and refusals are told. */
export function BulkBar({ ids, onDone }: BulkBarProps) {
  const queries = useQueryClient();
  const [isDeleting, setDeleting] = useState(false);
  const [typed, setTyped] = useState('');
  const change = useMutation({
    mutationFn: (action: BulkAction) => admin.keys.bulk({ body: { action, ids: [...ids] } }),
    onSuccess: ({ data }, action) => {
      const refused = data.flatMap(({ error }) => error?.message ?? []);
      notifications.show({
        message: `${counted(data.length - refused.length, 'key')} ${DONE[action]}`,
        ...(refused.length > 0 && {
          color: 'red',
          title: `${counted(refused.length, 'key')} refused: ${refused[0]}`,
        }),
      });
      void queries.invalidateQueries({ queryKey: ['keys'] });
      setDeleting(false);
      onDone();
    },
    onError: (error, action) => {
      if (action !== 'revoke')
        notifications.show({ color: 'red', title: 'The keys were not changed', message: inWords(error) });
    },
  });
  const phrase = `delete ${counted(ids.length, 'key')}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isTyped(phrase, typed)) change.mutate('revoke');
  };
  return (
    <div className={styles['bar']} role="toolbar" aria-label="Chosen keys">
      <strong>{counted(ids.length, 'key')} chosen</strong>
      <Button size="xs" variant="default" loading={change.isPending} onClick={() => change.mutate('enable')}>
        Enable
      </Button>
      <Button size="xs" variant="default" loading={change.isPending} onClick={() => change.mutate('disable')}>
        Disable
      </Button>
      <Button size="xs" variant="default" className={styles['delete']!} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <Button size="xs" variant="subtle" color="gray" onClick={onDone}>
        Clear
      </Button>
      {isDeleting && (
        <Modal
          opened
          onClose={() => setDeleting(false)}
          title={`Delete ${counted(ids.length, 'API key')}`}
          size={480}
        >
          <form className={act['form']} onSubmit={submit}>
            <p>
              They stop working at every gateway within a second, and requests under way are broken off. This
              is permanent: deleted keys cannot be brought back.
            </p>
            <TypedName name={phrase} value={typed} onChange={setTyped} />
            <FormEnd
              error={change.error}
              what="The keys were not deleted."
              submit={`Delete ${counted(ids.length, 'key')}`}
              isPending={change.isPending}
              isDisabled={!isTyped(phrase, typed)}
              isDestructive
              onCancel={() => setDeleting(false)}
            />
          </form>
        </Modal>
      )}
    </div>
  );
}
