import { Modal } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { createWebhookBody } from '@tollgate/contracts/webhooks';
import { useLocation } from 'wouter';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { SecretOnce } from '../secret/secret-once.tsx';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import { signingExamples } from './signing-examples.ts';
import { useWebhookChanged } from './use-webhook-changed.ts';
import { WebhookForm } from './webhook-form.tsx';
import {
  SHOWN_FIELDS,
  type WebhookFormValues,
  webhookBodyOf,
  webhookValuesOf,
} from './webhook-form-values.ts';
import { webhookName } from './webhook-name.ts';

/** Makes a webhook, then shows the secret that it signs with once. */
export function CreateWebhook({ onClose }: { readonly onClose: () => void }) {
  const changed = useWebhookChanged();
  const [, go] = useLocation();
  const isPhone = usePhone();
  const form = useForm<WebhookFormValues>({
    initialValues: webhookValuesOf(),
    validate: (values) => problemsOf(createWebhookBody, webhookBodyOf(values), SHOWN_FIELDS),
    enhanceGetInputProps: validateWhenLeft,
  });
  const create = useMutation({
    mutationFn: (values: WebhookFormValues) => admin.webhooks.create({ body: webhookBodyOf(values) }),
    onSuccess: () => changed(),
    onError: (error) => form.setErrors(fieldErrorOf(error, SHOWN_FIELDS) ?? {}),
    gcTime: 0,
  });
  const frame = { size: 560, fullScreen: isPhone } as const;
  if (create.isSuccess) {
    const { webhook, secret } = create.data;
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title={`Save the signing secret of ${webhookName(webhook)}`}
        {...frame}
      >
        <SecretOnce
          secret={secret}
          examples={signingExamples(secret)}
          onSaved={() => go(`/webhooks/${webhook.id}`)}
        />
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title="Create webhook" closeOnClickOutside={!form.isDirty()} {...frame}>
      <form noValidate className={styles['form']} onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <WebhookForm form={form} />
        <FormEnd
          error={fieldErrorOf(create.error, SHOWN_FIELDS) === null ? create.error : null}
          what="The webhook was not created."
          submit="Create webhook"
          isPending={create.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
