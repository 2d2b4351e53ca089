import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { Key, KeyOverview, KeyPage } from '@tollgate/contracts/admin-http';

/** Shows a key as a call left it, wherever it is on the page, and says so. Names that it had, and the answer has not, stay. */
export function useKeyChanged(): (key: Key, said?: string) => void {
  const queries = useQueryClient();
  return (key, said) => {
    queries.setQueriesData<KeyPage>(
      { queryKey: ['keys', 'list'] },
      (page) =>
        page && { ...page, data: page.data.map((one) => (one.id === key.id ? { ...one, ...key } : one)) },
    );
    queries.setQueryData<KeyOverview>(
      ['keys', key.id, 'overview'],
      (overview) => overview && { ...overview, key: { ...overview.key, ...key } },
    );
    void queries.invalidateQueries({ queryKey: ['keys'] });
    if (said !== undefined) notifications.show({ message: said });
  };
}
