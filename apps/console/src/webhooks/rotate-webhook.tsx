import { Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import form from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { Overlap, USUAL_OVERLAP } from '../secret/overlap.tsx';
import { SecretOnce } from '../secret/secret-once.tsx';
import { usePhone } from '../theme/phone.ts';
import { signingExamples } from './signing-examples.ts';
import { useWebhookChanged } from './use-webhook-changed.ts';
import type { WebhookDialogProps } from './webhook-act.tsx';
import { webhookName } from './webhook-name.ts';

/** Gives a webhook a new secret to sign with, which is shown once. */
export function RotateWebhook({ of: webhook, onClose }: WebhookDialogProps) {
  const changed = useWebhookChanged();
  const isPhone = usePhone();
  const [overlap, setOverlap] = useState(USUAL_OVERLAP);
  const rotate = useMutation({
    mutationFn: () => admin.webhooks.rotate({ id: webhook.id, body: { overlap_seconds: Number(overlap) } }),
    onSuccess: () => changed(),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate();
  };
  if (rotate.isSuccess) {
    const { secret } = rotate.data;
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title={`Save the new secret of ${webhookName(webhook)}`}
        size={560}
        fullScreen={isPhone}
      >
        <SecretOnce secret={secret} examples={signingExamples(secret)} onSaved={onClose} />
      </Modal>
    );
  }
  return (
    <Modal opened onClose={onClose} title={`Rotate the secret of ${webhookName(webhook)}`} size={480}>
      <form className={form['form']} onSubmit={submit}>
        <p>
          Messages are signed with a new secret at once. As long as the old one signs too, a message has both
          signatures, and a receiver may know either.
        </p>
        <Overlap label="The old secret goes on signing" value={overlap} onChange={setOverlap} />
        <FormEnd
          error={rotate.error}
          what="The secret was not rotated."
          submit="Rotate secret"
          isPending={rotate.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
