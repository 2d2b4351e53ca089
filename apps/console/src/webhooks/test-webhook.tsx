import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { admin } from '../api/admin.ts';
import form from '../confirm/form.module.css';
import end from '../confirm/form-end.module.css';
import { Trouble } from '../trouble/trouble.tsx';
import { Attempt } from './attempt.tsx';
import styles from './test-webhook.module.css';
import { useWebhookChanged } from './use-webhook-changed.ts';
import type { WebhookDialogProps } from './webhook-act.tsx';
import { webhookName } from './webhook-name.ts';

/** Sends a test and shows what the receiver answered. */
export function TestWebhook({ of: webhook, onClose }: WebhookDialogProps) {
  const changed = useWebhookChanged();
  const test = useMutation({
    mutationFn: () => admin.webhooks.test({ id: webhook.id }),
    onSuccess: () => changed(),
  });
  const attempt = test.data?.delivery.attempts.at(-1);
  return (
    <Modal opened onClose={onClose} title={`Test ${webhookName(webhook)}`} size={520}>
      <div className={form['form']}>
        <p>
          A message of the type <code>webhook.test</code> goes to <strong>{new URL(webhook.url).host}</strong>{' '}
          at once, signed as every message is{webhook.enabled ? '' : ', though the webhook is disabled'}.
        </p>
        <div className={styles['answer']} role="status" data-waiting={test.isPending || undefined}>
          {test.isPending
            ? 'Waiting for the receiver, at most 10 seconds…'
            : attempt !== undefined && <Attempt of={attempt} />}
        </div>
        {test.isError && <Trouble what="The test was not sent." error={test.error} />}
        <footer className={end['end']}>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          <Button data-autofocus loading={test.isPending} onClick={() => test.mutate()}>
            {test.isIdle ? 'Send test' : 'Send again'}
          </Button>
        </footer>
      </div>
    </Modal>
  );
}
