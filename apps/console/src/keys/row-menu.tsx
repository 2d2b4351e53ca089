import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconEdit, IconEye, IconRefresh, IconRotate, IconTrash } from '@tabler/icons-react';
import type { Key } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../session/may.ts';
import type { KeyAct } from './key-act.tsx';

const ICON = { size: 15, stroke: 1.6 } as const;

interface RowMenuProps {
  readonly of: Key;
  readonly onAct: (act: KeyAct) => void;
  /** There the ways to where one is are left out. */
  readonly isOnOverview?: boolean;
}

/** What can be done with one key, by the one who looks at it. */
export function RowMenu({ of: key, onAct, isOnOverview = false }: RowMenuProps) {
  const may = useMay();
  const [isWanted, setWanted] = useState(false);
  const isLive = key.status !== 'revoked';
  if (isOnOverview && !(isLive && may(ADMIN_ROUTES.keys.rotate))) return null;
  const act = (name: KeyAct['act']) => () => onAct({ act: name, key });
  const button = (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Actions for ${key.name}`}
      aria-haspopup="menu"
      autoFocus={isWanted}
      onClick={() => setWanted(true)}
    >
      <IconDots size={17} stroke={1.8} />
    </ActionIcon>
  );
  // A long list has hundreds of menus, and few are ever opened.
  if (!isWanted) return button;
  return (
    <Menu position="bottom-end" width={184} shadow="md" defaultOpened>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        {!isOnOverview && (
          <Menu.Item component={Link} href={`/keys/${key.id}`} leftSection={<IconEye {...ICON} />}>
            Overview
          </Menu.Item>
        )}
        {isLive && !isOnOverview && may(ADMIN_ROUTES.keys.update) && (
          <Menu.Item leftSection={<IconEdit {...ICON} />} onClick={act('edit')}>
            Edit
          </Menu.Item>
        )}
        {isLive && may(ADMIN_ROUTES.keys.rotate) && (
          <Menu.Item leftSection={<IconRefresh {...ICON} />} onClick={act('rotate')}>
            Rotate
          </Menu.Item>
        )}
        {isLive && may(ADMIN_ROUTES.keys.reset) && (
          <Menu.Item leftSection={<IconRotate {...ICON} />} onClick={act('reset')}>
            Reset usage
          </Menu.Item>
        )}
        {isLive && may(ADMIN_ROUTES.keys.revoke) && (
          <>
            <Menu.Divider />
            <Menu.Item color="var(--bad)" leftSection={<IconTrash {...ICON} />} onClick={act('delete')}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
