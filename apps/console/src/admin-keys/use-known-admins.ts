import { useQuery } from '@tanstack/react-query';
import { everyItem } from '@tollgate/admin-client/pages';
import type { AdminKey } from '@tollgate/contracts/admin-keys-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { admin } from '../api/admin.ts';
import { useMay } from '../session/may.ts';

const PAGE = 200;
const MOST = 1_000;

/** Admin keys by id, revoked ones too, as far as the viewer may know them. */
export function useKnownAdmins() {
  const may = useMay();
  return useQuery({
    queryKey: ['admin-keys', 'list', 'all'],
    queryFn: async ({ signal }) => {
      const known: AdminKey[] = [];
      for await (const one of everyItem((cursor) =>
        admin.adminKeys.list({ query: { revoked: 'true', limit: PAGE, ...(cursor && { cursor }) }, signal }),
      )) {
        if (known.push(one) === MOST) break;
      }
      return known;
    },
    enabled: may(ADMIN_ROUTES.adminKeys.list),
  });
}
