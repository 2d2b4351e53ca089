import { Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { patchWebhookBody } from '@tollgate/contracts/webhooks';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import { useWebhookChanged } from './use-webhook-changed.ts';
import type { WebhookDialogProps } from './webhook-act.tsx';
import { WebhookForm } from './webhook-form.tsx';
import {
  SHOWN_FIELDS,
  type WebhookFormValues,
  webhookBodyOf,
  webhookValuesOf,
} from './webhook-form-values.ts';
import { webhookName } from './webhook-name.ts';

/** Changes where a webhook goes and what it is told. */
export function EditWebhook({ of: webhook, onClose }: WebhookDialogProps) {
  const changed = useWebhookChanged();
  const isPhone = usePhone();
  const form = useForm<WebhookFormValues>({
    initialValues: webhookValuesOf(webhook),
    validate: (values) => problemsOf(patchWebhookBody, webhookBodyOf(values), SHOWN_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const save = useMutation({
    mutationFn: (values: WebhookFormValues) =>
      admin.webhooks.update({ id: webhook.id, body: webhookBodyOf(values) }),
    onSuccess: (saved) => {
      changed(`${webhookName(saved)} is saved`);
      onClose();
    },
    onError: (error) => form.setErrors(fieldErrorOf(error, SHOWN_FIELDS) ?? {}),
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Edit ${webhookName(webhook)}`}
      size={560}
      fullScreen={isPhone}
      closeOnClickOutside={!form.isDirty()}
    >
      <form noValidate className={styles['form']} onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <WebhookForm form={form} />
        <FormEnd
          error={fieldErrorOf(save.error, SHOWN_FIELDS) === null ? save.error : null}
          what="The webhook was not changed."
          submit="Save changes"
          isPending={save.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
