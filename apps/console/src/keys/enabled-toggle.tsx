import { Switch } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { Key } from '@tollgate/contracts/admin-http';
import { admin } from '../api/admin.ts';
import { inWords } from '../trouble/in-words.ts';
import { useKeyChanged } from './use-key-changed.ts';

/** Disables a key and enables it again. It shows what was asked for, and goes back where that was refused. */
export function EnabledToggle({ of: key }: { readonly of: Key }) {
  const changed = useKeyChanged();
  const toggle = useMutation({
    mutationFn: (enabled: boolean) => admin.keys.update({ id: key.id, body: { enabled } }),
    onSuccess: ({ propagation: _, ...after }) =>
      changed(after, after.enabled ? `${after.name} works again` : `${after.name} is disabled`),
    onError: (error) =>
      notifications.show({ color: 'red', title: `${key.name} was not changed`, message: inWords(error) }),
  });
  return (
    <Switch
      size="sm"
      aria-label={`${key.name} enabled`}
      checked={toggle.isPending ? toggle.variables : key.enabled}
      onChange={(event) => toggle.mutate(event.currentTarget.checked)}
      disabled={toggle.isPending}
      withThumbIndicator={false}
    />
  );
}
