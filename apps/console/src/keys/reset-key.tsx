import type { Key } from '@tollgate/contracts/admin-http';
import { admin } from '../api/admin.ts';
import { ResetUsage } from '../limits/reset-usage.tsx';
import { useKeyChanged } from './use-key-changed.ts';

/** Starts a key's counters at zero within its period. */
export function ResetKey({ of: key, onClose }: { readonly of: Key; readonly onClose: () => void }) {
  const changed = useKeyChanged();
  return (
    <ResetUsage
      name={key.name}
      scopeId={key.id}
      reset={(body) => admin.keys.reset({ id: key.id, body })}
      onReset={({ propagation: _, ...after }) => changed(after, `${after.name} starts at zero`)}
      onClose={onClose}
    >
      Records stay in the ledger, and so do the counters of the team and the organization.
    </ResetUsage>
  );
}
