import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Team } from '@tollgate/contracts/teams-http';
import { admin } from '../api/admin.ts';
import { Confirmed } from '../confirm/confirmed.tsx';

/** Starts a team's counters at zero within its period. */
export function ResetTeam({ of: team, onClose }: { readonly of: Team; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const reset = useMutation({
    mutationFn: () => admin.teams.reset({ id: team.id, body: {} }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['teams', team.id] });
      notifications.show({ message: `${team.name} starts at zero` });
      onClose();
    },
  });
  return (
    <Confirmed
      title={`Reset usage of ${team.name}`}
      submit="Reset usage"
      failed="The usage was not reset."
      error={reset.error}
      isPending={reset.isPending}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    >
      <p>
        Cost and tokens of the team’s current period start at zero. Its keys’ own counters go on, and records
        stay in the ledger.
      </p>
    </Confirmed>
  );
}
