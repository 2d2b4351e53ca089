import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Webhook } from '@tollgate/contracts/webhooks';
import { admin } from '../api/admin.ts';
import { StandingMark } from '../keys/standing-mark.tsx';
import { useMay } from '../session/may.ts';
import { Toggle } from '../toggle/toggle.tsx';
import { inWords } from '../trouble/in-words.ts';
import { useWebhookChanged } from './use-webhook-changed.ts';
import { webhookName } from './webhook-name.ts';
import styles from './webhooks.module.css';

/** Whether a webhook is told anything, and for those who may, the switch. */
export function WebhookState({ of: webhook }: { readonly of: Webhook }) {
  const may = useMay();
  const changed = useWebhookChanged();
  const name = webhookName(webhook);
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => admin.webhooks.update({ id: webhook.id, body: { enabled } }),
    onSuccess: ({ enabled }) => changed(enabled ? `${name} is told again` : `${name} is disabled`),
    onError: (error) =>
      notifications.show({ color: 'red', title: `${name} was not changed`, message: inWords(error) }),
  });
  return (
    <span className={styles['state']}>
      {may(ADMIN_ROUTES.webhooks.update) && (
        <Toggle label={`${name} enabled`} on={webhook.enabled} change={toggle.mutate} />
      )}
      <StandingMark standing={webhook.enabled ? 'active' : 'disabled'} />
    </span>
  );
}
