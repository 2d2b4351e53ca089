import { Modal, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createTeamBody, type Team } from '@tollgate/contracts/teams-http';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { LimitFields } from '../limits/limit-fields.tsx';
import {
  SCOPE_FIELDS,
  type ScopeFormValues,
  scopeBodyOf,
  scopeValuesOf,
} from '../limits/scope-form-values.ts';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';

interface TeamFormProps {
  /** `undefined` is a new one. */
  readonly of?: Team | undefined;
  readonly onClose: () => void;
}

/** Makes a team, or changes one if nobody else has since it was read. */
export function TeamForm({ of: team, onClose }: TeamFormProps) {
  const queries = useQueryClient();
  const isPhone = usePhone();
  const form = useForm<ScopeFormValues>({
    mode: 'uncontrolled',
    initialValues: scopeValuesOf(team),
    validate: (values) => problemsOf(createTeamBody, scopeBodyOf(values), SCOPE_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const save = useMutation({
    mutationFn: (values: ScopeFormValues) => {
      const body = scopeBodyOf(values);
      return team === undefined
        ? admin.teams.create({ body })
        : admin.teams.update({ id: team.id, body, ifMatch: team.version });
    },
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: ['teams'] });
      notifications.show({ message: `${name} is ${team === undefined ? 'created' : 'saved'}` });
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrorOf(error, SCOPE_FIELDS) ?? {}),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={team === undefined ? 'Create team' : `Edit ${team.name}`}
      size={620}
      fullScreen={isPhone}
      closeOnClickOutside={!form.isDirty()}
    >
      <form noValidate className={styles['form']} onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <TextInput
          label="Name"
          data-autofocus
          required
          withAsterisk={false}
          autoComplete="off"
          dir="auto"
          key={form.key('name')}
          {...form.getInputProps('name')}
        />
        <fieldset>
          <legend>Limits of all its keys together</legend>
          <LimitFields form={form} />
        </fieldset>
        <FormEnd
          error={fieldErrorOf(save.error, SCOPE_FIELDS) === null ? save.error : null}
          what={team === undefined ? 'The team was not created.' : 'The team was not changed.'}
          submit={team === undefined ? 'Create team' : 'Save changes'}
          isPending={save.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
