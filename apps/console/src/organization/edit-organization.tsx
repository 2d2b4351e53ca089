import { Modal, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Organization, patchOrganizationBody } from '@tollgate/contracts/organization-http';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { LimitFields } from '../limits/limit-fields.tsx';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import {
  ORGANIZATION_FIELDS,
  type OrganizationFormValues,
  organizationBodyOf,
  organizationValuesOf,
} from './organization-form-values.ts';

interface EditOrganizationProps {
  readonly of: Organization;
  readonly onClose: () => void;
}

/** Changes the organization, if nobody else has since it was read. */
export function EditOrganization({ of: organization, onClose }: EditOrganizationProps) {
  const queries = useQueryClient();
  const isPhone = usePhone();
  const form = useForm<OrganizationFormValues>({
    mode: 'uncontrolled',
    initialValues: organizationValuesOf(organization),
    validate: (values) => problemsOf(patchOrganizationBody, organizationBodyOf(values), ORGANIZATION_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const save = useMutation({
    mutationFn: (values: OrganizationFormValues) =>
      admin.organization.update({ body: organizationBodyOf(values), ifMatch: organization.version }),
    onSuccess: ({ name }) => {
      void queries.invalidateQueries({ queryKey: ['organization'] });
      notifications.show({ message: `${name} is saved` });
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrorOf(error, ORGANIZATION_FIELDS) ?? {}),
  });
  const field = (name: keyof OrganizationFormValues) => ({
    key: form.key(name),
    ...form.getInputProps(name),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Edit the organization"
      size={620}
      fullScreen={isPhone}
      closeOnClickOutside={!form.isDirty()}
    >
      <form noValidate className={styles['form']} onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <TextInput label="Name" data-autofocus autoComplete="off" dir="auto" {...field('name')} />
        <fieldset>
          <legend>Limits of all keys together</legend>
          <LimitFields form={form} />
        </fieldset>
        <fieldset>
          <legend>Warnings</legend>
          <TagsInput
            label="Warn at these percents of any limit"
            description="Told as events and to webhooks, once each per period. None warns never."
            splitChars={[',', ' ']}
            {...field('warning_thresholds')}
          />
        </fieldset>
        <FormEnd
          error={fieldErrorOf(save.error, ORGANIZATION_FIELDS) === null ? save.error : null}
          what="The organization was not changed."
          submit="Save changes"
          isPending={save.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
