import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';

/** Asks again for whatever is shown of webhooks, and says what was done. */
export function useWebhookChanged(): (said?: string) => void {
  const queries = useQueryClient();
  return (said) => {
    void queries.invalidateQueries({ queryKey: ['webhooks'] });
    if (said !== undefined) notifications.show({ message: said });
  };
}
