import { ActionIcon, Badge, Button, Menu, Switch } from '@mantine/core';
import { IconDots, IconPlus, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { AdminKey } from '@tollgate/contracts/admin-keys-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { lazy, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { admin } from '../api/admin.ts';
import { makerOf } from '../figures/maker.ts';
import table from '../figures/table.module.css';
import { When } from '../figures/when.tsx';
import { type Column, List } from '../list/list.tsx';
import { ListSkeleton } from '../list/list-skeleton.tsx';
import { Pager } from '../list/pager.tsx';
import { usePages } from '../list/use-pages.ts';
import { useMay } from '../session/may.ts';
import { useMe } from '../session/me.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Empty } from '../trouble/empty.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import styles from './admin-keys.module.css';
import { RevokeAdminKey } from './revoke-admin-key.tsx';
import { ROLE_WORDS } from './role-words.ts';

const CreateAdminKey = lazy(() =>
  import('./create-admin-key.tsx').then((file) => ({ default: file.CreateAdminKey })),
);

const PAGE = 50;
/** One that ends within a week is told so before it does. */
const SOON_MS = 7 * 86_400_000;

const endsSoon = ({ expires_at, revoked_at }: AdminKey) =>
  revoked_at === null && expires_at !== null && Date.parse(expires_at) - Date.now() < SOON_MS;
const hasEnded = ({ expires_at, revoked_at }: AdminKey) =>
  revoked_at !== null || (expires_at !== null && Date.parse(expires_at) <= Date.now());

/** What opens the admin API, and how far. `/admin-keys/new` has the dialog open. */
export function AdminKeysScreen() {
  const may = useMay();
  const me = useMe();
  const [here, go] = useLocation();
  const [withRevoked, setWithRevoked] = useState(false);
  const [revoking, setRevoking] = useState<AdminKey | null>(null);
  const columns = useColumns();
  const { cursor, waysFrom } = usePages({ withRevoked });
  const page = useQuery({
    queryKey: ['admin-keys', 'list', withRevoked, cursor ?? null],
    queryFn: ({ signal }) =>
      admin.adminKeys.list({
        query: { revoked: withRevoked ? 'true' : 'false', limit: PAGE, ...(cursor && { cursor }) },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
  const shown = page.data?.data ?? [];
  const ways = waysFrom(page);
  const create = may(ADMIN_ROUTES.adminKeys.create) && (
    <Button component={Link} href="/admin-keys/new" leftSection={<IconPlus size={16} stroke={2} />}>
      Create admin key
    </Button>
  );
  return (
    <>
      <ScreenHead
        title="Admin keys"
        about="What opens this console, the admin API and the command line, and how far."
        actions={(shown.length > 0 || withRevoked) && create}
      />
      {page.isSuccess && (shown.length > 0 || withRevoked) && (
        <Switch
          className={styles['revoked']!}
          size="sm"
          label="Show revoked ones"
          checked={withRevoked}
          onChange={(event) => setWithRevoked(event.currentTarget.checked)}
          withThumbIndicator={false}
        />
      )}
      {page.isError ? (
        <Trouble what="The admin keys could not be read." error={page.error} onRetry={page.refetch} />
      ) : page.isPending ? (
        <ListSkeleton of="the admin keys" lines={4} />
      ) : shown.length === 0 ? (
        <Empty
          title={withRevoked ? 'No admin key was ever made' : 'No admin key besides yours'}
          action={create}
        >
          Give each person and each service one of its own: what they do is then told apart in the audit log,
          and one can be revoked without the others.
        </Empty>
      ) : (
        <List
          label="Admin keys"
          items={shown}
          keyOf={({ id }) => id}
          columns={columns}
          isOff={hasEnded}
          isStale={page.isPlaceholderData}
          menuOf={(one) =>
            one.revoked_at === null && may(ADMIN_ROUTES.adminKeys.revoke) ? (
              <Menu position="bottom-end" width={160} shadow="md">
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${one.name}`}>
                    <IconDots size={17} stroke={1.8} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    color="var(--bad)"
                    leftSection={<IconTrash size={15} stroke={1.6} />}
                    onClick={() => setRevoking(one)}
                  >
                    Revoke
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            ) : null
          }
        />
      )}
      {shown.length > 0 && <Pager of={['admin key', 'admin keys']} shown={shown.length} {...ways} />}
      {me.team_id === null && page.isSuccess && (
        <p className={styles['note']}>
          The owner that is there before any other, <code>TOLLGATE_ADMIN_KEY</code> of key-admin’s
          environment, is changed there and not listed here.
        </p>
      )}
      {here === '/admin-keys/new' && may(ADMIN_ROUTES.adminKeys.create) && (
        <Suspense>
          <CreateAdminKey onClose={() => go('/admin-keys')} />
        </Suspense>
      )}
      {revoking && <RevokeAdminKey of={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

function useColumns(): readonly [Column<AdminKey>, ...Column<AdminKey>[]] {
  const me = useMe();
  return [
    {
      title: 'Name',
      width: '26%',
      of: (one) => (
        <>
          <span className={styles['name']}>
            <bdi className={table['name']} title={one.name}>
              {one.name}
            </bdi>
            {one.id === me.id && (
              <Badge size="xs" variant="light" tt="none">
                You
              </Badge>
            )}
          </span>
          <code className={table['second']}>
            {one.prefix.slice(0, 8)}…{one.last_four}
          </code>
        </>
      ),
    },
    {
      title: 'Role',
      width: '11%',
      of: ({ role }) => <span title={ROLE_WORDS[role][1]}>{ROLE_WORDS[role][0]}</span>,
    },
    {
      title: 'Acts in',
      of: ({ team_id, team_name }) =>
        team_id === null ? (
          'All teams'
        ) : (
          <Link href={`/teams/${team_id}`} className={table['name']!}>
            <bdi>{team_name ?? team_id}</bdi>
          </Link>
        ),
    },
    { title: 'Last used', of: ({ last_used_at }) => <Quiet at={last_used_at} /> },
    {
      title: 'Expires',
      of: (one) =>
        one.revoked_at !== null ? (
          <>
            Revoked <When at={one.revoked_at} />
          </>
        ) : (
          <span
            className={endsSoon(one) ? table['soon'] : one.expires_at === null ? table['faint'] : undefined}
          >
            {hasEnded(one) && 'Expired '}
            <When at={one.expires_at} />
          </span>
        ),
    },
    {
      title: 'Created',
      isWide: true,
      of: (key) => (
        <>
          <When at={key.created_at} as="day" />
          <bdi className={table['second']}>by {makerOf(key)}</bdi>
        </>
      ),
    },
  ];
}

function Quiet({ at }: { readonly at: string | null }) {
  return (
    <span className={at === null ? table['faint'] : undefined}>
      <When at={at} />
    </span>
  );
}
