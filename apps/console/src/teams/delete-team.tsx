import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Team } from '@tollgate/contracts/teams-http';
import { admin } from '../api/admin.ts';
import { Confirmed } from '../confirm/confirmed.tsx';
import { counted } from '../figures/count.ts';

/** Deletes a team that has no live key, once its name is typed. */
export function DeleteTeam({ of: team, onClose }: { readonly of: Team; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => admin.teams.remove({ id: team.id }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['teams'] });
      notifications.show({ message: `${team.name} is deleted` });
      onClose();
    },
  });
  return (
    <Confirmed
      title="Delete team"
      typed={team.name}
      submit="Delete team"
      failed="The team was not deleted."
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        <strong>
          <bdi>{team.name}</bdi>
        </strong>{' '}
        goes for good, and the admin keys that act in it end with it. What it used stays in the ledger.
      </p>
      {team.live_keys > 0 && (
        <p>
          It has <strong>{counted(team.live_keys, 'live key')}</strong>; delete these first.
        </p>
      )}
    </Confirmed>
  );
}
