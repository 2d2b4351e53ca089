import type { Webhook } from '@tollgate/contracts/webhooks';
import { lazy, Suspense } from 'react';

const EditWebhook = lazy(() => import('./edit-webhook.tsx').then((file) => ({ default: file.EditWebhook })));
const RotateWebhook = lazy(() =>
  import('./rotate-webhook.tsx').then((file) => ({ default: file.RotateWebhook })),
);
const DeleteWebhook = lazy(() =>
  import('./delete-webhook.tsx').then((file) => ({ default: file.DeleteWebhook })),
);
const TestWebhook = lazy(() => import('./test-webhook.tsx').then((file) => ({ default: file.TestWebhook })));

const DIALOGS = { edit: EditWebhook, rotate: RotateWebhook, delete: DeleteWebhook, test: TestWebhook };

export interface WebhookDialogProps {
  readonly of: Webhook;
  readonly onClose: () => void;
}

/** What can be done to a webhook in a dialog. */
export interface WebhookAct {
  readonly act: keyof typeof DIALOGS;
  readonly webhook: Webhook;
}

interface WebhookActDialogProps {
  readonly doing: WebhookAct | null;
  readonly onClose: () => void;
}

/** The dialog of the act that was chosen; it comes when it is first needed. */
export function WebhookActDialog({ doing, onClose }: WebhookActDialogProps) {
  if (doing === null) return null;
  const Dialog = DIALOGS[doing.act];
  return (
    <Suspense>
      <Dialog of={doing.webhook} onClose={onClose} />
    </Suspense>
  );
}
