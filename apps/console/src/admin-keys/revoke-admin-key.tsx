import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AdminKey } from '@tollgate/contracts/admin-keys-http';
import { admin } from '../api/admin.ts';
import { Confirmed } from '../confirm/confirmed.tsx';
import { When } from '../figures/when.tsx';
import { useMe } from '../session/me.ts';

/** Ends an admin key for good, once its name is typed. */
export function RevokeAdminKey({
  of: one,
  onClose,
}: {
  readonly of: AdminKey;
  readonly onClose: () => void;
}) {
  const me = useMe();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => admin.adminKeys.revoke({ id: one.id }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['admin-keys'] });
      notifications.show({ message: `${one.name} is revoked` });
      onClose();
    },
  });
  return (
    <Confirmed
      title="Revoke admin key"
      typed={one.name}
      submit="Revoke admin key"
      failed="The admin key was not revoked."
      error={revoke.error}
      isPending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      <p>
        <strong>
          <bdi>{one.name}</bdi>
        </strong>{' '}
        opens nothing any more, at once and for good, and every browser that is signed in with it is signed
        out. The API keys it made go on working.
      </p>
      {one.id === me.id && (
        <p>
          <strong>You are signed in with it</strong>, and will be signed out.
        </p>
      )}
      <p>
        {one.last_used_at === null ? (
          'It has never been used.'
        ) : (
          <>
            It was last used{' '}
            <strong>
              <When at={one.last_used_at} />
            </strong>
            .
          </>
        )}
      </p>
    </Confirmed>
  );
}
