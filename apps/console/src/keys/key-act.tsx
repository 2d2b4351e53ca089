import type { Key } from '@tollgate/contracts/admin-http';
import { lazy, Suspense } from 'react';

const EditKey = lazy(() => import('./edit-key.tsx').then((file) => ({ default: file.EditKey })));
const RotateKey = lazy(() => import('./rotate-key.tsx').then((file) => ({ default: file.RotateKey })));
const ResetKey = lazy(() => import('./reset-key.tsx').then((file) => ({ default: file.ResetKey })));
const DeleteKey = lazy(() => import('./delete-key.tsx').then((file) => ({ default: file.DeleteKey })));

const DIALOGS = { edit: EditKey, rotate: RotateKey, reset: ResetKey, delete: DeleteKey };

/** What can be done to a key in a dialog. */
export interface KeyAct {
  readonly act: keyof typeof DIALOGS;
  readonly key: Key;
}

interface KeyActDialogProps {
  readonly doing: KeyAct | null;
  readonly onClose: () => void;
}

/** The dialog of the act that was chosen; it comes when it is first needed. */
export function KeyActDialog({ doing, onClose }: KeyActDialogProps) {
  if (doing === null) return null;
  const Dialog = DIALOGS[doing.act];
  return (
    <Suspense>
      <Dialog of={doing.key} onClose={onClose} />
    </Suspense>
  );
}
