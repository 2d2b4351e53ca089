import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { admin } from '../api/admin.ts';
import { ResetUsage } from '../limits/reset-usage.tsx';

/** Starts the organization's counters at zero within its period. */
export function ResetOrganization({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <ResetUsage
      name="the organization"
      scopeId={ORGANIZATION_ID}
      reset={(body) => admin.organization.reset({ body })}
      onReset={() => {
        void queries.invalidateQueries({ queryKey: ['organization'] });
        notifications.show({ message: 'The organization starts at zero' });
      }}
      onClose={onClose}
    >
      Counters of teams and keys go on, and records stay in the ledger.
    </ResetUsage>
  );
}
