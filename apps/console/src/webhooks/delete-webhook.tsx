import { useMutation } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { admin } from '../api/admin.ts';
import { Confirmed } from '../confirm/confirmed.tsx';
import { useWebhookChanged } from './use-webhook-changed.ts';
import type { WebhookDialogProps } from './webhook-act.tsx';
import { webhookName } from './webhook-name.ts';

/** Deletes a webhook with its log, once its host is typed. */
export function DeleteWebhook({ of: webhook, onClose }: WebhookDialogProps) {
  const changed = useWebhookChanged();
  const [, go] = useLocation();
  const remove = useMutation({
    mutationFn: () => admin.webhooks.remove({ id: webhook.id }),
    onSuccess: () => {
      onClose();
      go('/webhooks');
      changed(`${webhookName(webhook)} is deleted`);
    },
  });
  return (
    <Confirmed
      title="Delete webhook"
      typed={new URL(webhook.url).host}
      submit="Delete webhook"
      failed="The webhook was not deleted."
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        <strong>
          <bdi>{webhookName(webhook)}</bdi>
        </strong>{' '}
        is told nothing any more. What waits to be sent to it goes, and so does the log of its deliveries.
        This is permanent; to pause it, disable it.
      </p>
    </Confirmed>
  );
}
