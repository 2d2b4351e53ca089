import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconEdit, IconRotate, IconTrash } from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Team } from '@tollgate/contracts/teams-http';
import { useMay } from '../session/may.ts';
import type { TeamAct } from './team-act.tsx';

const ICON = { size: 15, stroke: 1.6 } as const;

interface TeamMenuProps {
  readonly of: Team;
  readonly onAct: (act: TeamAct) => void;
  /** There what stands beside it is left out. */
  readonly isOnPage?: boolean;
}

/** What can be done with a team; nothing is shown to those who may not. */
export function TeamMenu({ of: team, onAct, isOnPage = false }: TeamMenuProps) {
  const may = useMay();
  if (team.deleted_at !== null || !may(ADMIN_ROUTES.teams.update)) return null;
  return (
    <Menu position="bottom-end" width={184} shadow="md">
      <Menu.Target>
        <ActionIcon
          variant={isOnPage ? 'default' : 'subtle'}
          color="gray"
          size={isOnPage ? 36 : 'md'}
          aria-label={`Actions for ${team.name}`}
        >
          <IconDots size={17} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isOnPage && (
          <Menu.Item leftSection={<IconEdit {...ICON} />} onClick={() => onAct({ act: 'edit', team })}>
            Edit
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconRotate {...ICON} />} onClick={() => onAct({ act: 'reset', team })}>
          Reset usage
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          color="var(--bad)"
          leftSection={<IconTrash {...ICON} />}
          onClick={() => onAct({ act: 'delete', team })}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
