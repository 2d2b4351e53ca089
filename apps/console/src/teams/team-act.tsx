import type { Team } from '@tollgate/contracts/teams-http';
import { lazy, Suspense } from 'react';

const TeamForm = lazy(() => import('./team-form.tsx').then((file) => ({ default: file.TeamForm })));
const ResetTeam = lazy(() => import('./reset-team.tsx').then((file) => ({ default: file.ResetTeam })));
const DeleteTeam = lazy(() => import('./delete-team.tsx').then((file) => ({ default: file.DeleteTeam })));

/** What is done in a dialog: a team is made, or something is done to one. */
export type TeamAct =
  | { readonly act: 'create' }
  | { readonly act: 'edit' | 'reset' | 'delete'; readonly team: Team };

export function TeamActDialog({
  doing,
  onClose,
}: {
  readonly doing: TeamAct | null;
  readonly onClose: () => void;
}) {
  if (doing === null) return null;
  return (
    <Suspense>
      {doing.act === 'create' && <TeamForm onClose={onClose} />}
      {doing.act === 'edit' && <TeamForm of={doing.team} onClose={onClose} />}
      {doing.act === 'reset' && <ResetTeam of={doing.team} onClose={onClose} />}
      {doing.act === 'delete' && <DeleteTeam of={doing.team} onClose={onClose} />}
    </Suspense>
  );
}
