import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { admin } from '../api/admin.ts';
import { Confirmed } from '../confirm/confirmed.tsx';

/** Starts the organization's counters at zero within its period. */
export function ResetOrganization({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () => admin.organization.reset({ body: {} }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['organization'] });
      notifications.show({ message: 'The organization starts at zero' });
      onClose();
    },
  });
  return (
    <Confirmed
      title="Reset usage of the organization"
      submit="Reset usage"
      failed="The usage was not reset."
      error={reset.error}
      isPending={reset.isPending}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      <p>
        Cost and tokens of the organization’s current period start at zero. Counters of teams and keys go on,
        and records stay in the ledger.
      </p>
    </Confirmed>
  );
}
