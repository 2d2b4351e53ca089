import { ADMIN_ROLES } from '@tollgate/contracts/admin-keys-http';
import type { Route } from '@tollgate/contracts/admin-routes/route';
import { useMe } from './me.ts';

/** Whether the one who is signed in may call a route: the page shows no control that the API would refuse. */
export function useMay(): (route: Route) => boolean {
  const { role, team_id } = useMe();
  return ({ access: [least, where] }) => {
    if (least === 'anyone') return true;
    return (
      ADMIN_ROLES.indexOf(role) >= ADMIN_ROLES.indexOf(least) && (where === 'in a team' || team_id === null)
    );
  };
}
