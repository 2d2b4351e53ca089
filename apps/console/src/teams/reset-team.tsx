import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { Team } from '@tollgate/contracts/teams-http';
import { admin } from '../api/admin.ts';
import { ResetUsage } from '../limits/reset-usage.tsx';

/** Starts a team's counters at zero within its period. */
export function ResetTeam({ of: team, onClose }: { readonly of: Team; readonly onClose: () => void }) {
  const queries = useQueryClient();
  return (
    <ResetUsage
      name={team.name}
      scopeId={team.id}
      reset={(body) => admin.teams.reset({ id: team.id, body })}
      onReset={() => {
        void queries.invalidateQueries({ queryKey: ['teams', team.id] });
        notifications.show({ message: `${team.name} starts at zero` });
      }}
      onClose={onClose}
    >
      Its keys’ own counters go on, and records stay in the ledger.
    </ResetUsage>
  );
}
