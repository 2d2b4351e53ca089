import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { admin } from '../api/admin.ts';
import { Toggle } from '../toggle/toggle.tsx';
import { inWords } from '../trouble/in-words.ts';
import { useKeyChanged } from './use-key-changed.ts';

/** Disables a key and enables it again. */
export function EnabledToggle({ of: key }: { readonly of: Key }) {
  const changed = useKeyChanged();
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => admin.keys.update({ id: key.id, body: { enabled } }),
    onSuccess: ({ propagation: _, ...after }) =>
      changed(after, after.enabled ? `${after.name} works again` : `${after.name} is disabled`),
    onError: (error) =>
      notifications.show({ color: 'red', title: `${key.name} was not changed`, message: inWords(error) }),
  });
  return <Toggle label={`${key.name} enabled`} on={key.enabled} change={toggle.mutate} />;
}
