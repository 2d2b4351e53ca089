import { Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type CreatedKey, createKeyBody } from '@tollgate/contracts/admin-http';
import { DEFAULT_TEAM_ID } from '@tollgate/contracts/ids';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { admin } from '../api/admin.ts';
import { FormEnd } from '../confirm/form-end.tsx';
import { SecretOnce } from '../secret/secret-once.tsx';
import { useMe } from '../session/me.ts';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import { KeyForm } from './key-form.tsx';
import { creationOf, emptyKey, type KeyFormValues, SHOWN_FIELDS } from './key-form-values.ts';

/** Makes a key, then shows its secret once. */
export function CreateKey({ onClose }: { readonly onClose: () => void }) {
  const { team_id } = useMe();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const isPhone = usePhone();
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const form = useForm<KeyFormValues>({
    mode: 'uncontrolled',
    initialValues: emptyKey(team_id ?? DEFAULT_TEAM_ID),
    validate: (values) => problemsOf(createKeyBody, creationOf(values), SHOWN_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const create = useMutation({
    mutationFn: (values: KeyFormValues) => admin.keys.create({ body: creationOf(values) }),
    onSuccess: (answer) => {
      setCreated(answer);
      void queries.invalidateQueries({ queryKey: ['keys', 'list'] });
    },
    onError: (error) => form.setErrors(fieldErrorOf(error, SHOWN_FIELDS) ?? {}),
    gcTime: 0,
  });

  if (created?.secret !== undefined) {
    const { key, secret, propagation } = created;
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title={`Save the secret of ${key.name}`}
        size={620}
        fullScreen={isPhone}
      >
        <SecretOnce secret={secret} propagation={propagation} onSaved={() => go(`/keys/${key.id}`)} />
      </Modal>
    );
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title="Create API key"
      size={620}
      fullScreen={isPhone}
      closeOnClickOutside={!form.isDirty()}
    >
      <form noValidate onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <KeyForm form={form} isNew />
        <FormEnd
          error={fieldErrorOf(create.error, SHOWN_FIELDS) === null ? create.error : null}
          what="The key was not created."
          submit="Create key"
          isPending={create.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
