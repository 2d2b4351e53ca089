import { Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { type Key, patchKeyBody } from '@tollgate/contracts/admin-http';
import { admin } from '../api/admin.ts';
import { FormEnd } from '../confirm/form-end.tsx';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import { KeyForm } from './key-form.tsx';
import { type KeyFormValues, patchOf, SHOWN_FIELDS, valuesOf } from './key-form-values.ts';
import { useKeyChanged } from './use-key-changed.ts';

/** Changes a key, if nobody else has since it was read. */
export function EditKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const changed = useKeyChanged();
  const isPhone = usePhone();
  const form = useForm<KeyFormValues>({
    mode: 'uncontrolled',
    initialValues: valuesOf(key),
    validate: (values) => problemsOf(patchKeyBody, patchOf(values), SHOWN_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const save = useMutation({
    mutationFn: (values: KeyFormValues) =>
      admin.keys.update({ id: key.id, body: patchOf(values), ifMatch: key.version }),
    onSuccess: ({ propagation: _, ...saved }) => {
      changed(saved, `${saved.name} is saved`);
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrorOf(error, SHOWN_FIELDS) ?? {}),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Edit ${key.name}`}
      size={620}
      fullScreen={isPhone}
      closeOnClickOutside={!form.isDirty()}
    >
      <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <KeyForm form={form} isNew={false} />
        <FormEnd
          error={fieldErrorOf(save.error, SHOWN_FIELDS) === null ? save.error : null}
          what="The key was not changed."
          submit="Save changes"
          isPending={save.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
