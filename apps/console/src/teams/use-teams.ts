import { useQuery } from '@tanstack/react-query';
import { everyItem } from '@tollgate/admin-client/pages';
import type { Team } from '@tollgate/contracts/teams-http';
import { admin } from '../api/admin.ts';

const PAGE = 200;
/** More teams than these are found by searching, on their own screen. */
const MOST = 1_000;

/** The teams that the viewer may see, by name: for choosing one and for telling names. */
export const useTeams = () =>
  useQuery({
    queryKey: ['teams', 'list', 'all'],
    queryFn: async ({ signal }) => {
      const teams: Team[] = [];
      for await (const team of everyItem((cursor) =>
        admin.teams.list({ query: { limit: PAGE, ...(cursor && { cursor }) }, signal }),
      )) {
        if (teams.push(team) === MOST) break;
      }
      return teams;
    },
  });

/** A team's name; its id where it is not known. */
export function useTeamName(): (teamId: string) => string {
  const { data } = useTeams();
  return (teamId) => data?.find(({ id }) => id === teamId)?.name ?? teamId;
}
