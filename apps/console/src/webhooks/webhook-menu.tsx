import { ActionIcon, Menu } from '@mantine/core';
import { IconDots, IconEdit, IconEye, IconRefresh, IconSend, IconTrash } from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Webhook } from '@tollgate/contracts/webhooks';
import { Link } from 'wouter';
import { useMay } from '../session/may.ts';
import type { WebhookAct } from './webhook-act.tsx';
import { webhookName } from './webhook-name.ts';

const ICON = { size: 15, stroke: 1.6 } as const;

interface WebhookMenuProps {
  readonly of: Webhook;
  readonly onAct: (act: WebhookAct) => void;
  /** There what stands beside it is left out. */
  readonly isOnPage?: boolean;
}

/** What can be done with one webhook, by the one who looks at it. */
export function WebhookMenu({ of: webhook, onAct, isOnPage = false }: WebhookMenuProps) {
  const may = useMay();
  const act = (name: WebhookAct['act']) => () => onAct({ act: name, webhook });
  if (isOnPage && !may(ADMIN_ROUTES.webhooks.rotate)) return null;
  return (
    <Menu position="bottom-end" width={184} shadow="md">
      <Menu.Target>
        <ActionIcon
          variant={isOnPage ? 'default' : 'subtle'}
          color="gray"
          size={isOnPage ? 36 : 'md'}
          aria-label={`Actions for ${webhookName(webhook)}`}
        >
          <IconDots size={17} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isOnPage && (
          <Menu.Item component={Link} href={`/webhooks/${webhook.id}`} leftSection={<IconEye {...ICON} />}>
            Deliveries
          </Menu.Item>
        )}
        {!isOnPage && may(ADMIN_ROUTES.webhooks.test) && (
          <Menu.Item leftSection={<IconSend {...ICON} />} onClick={act('test')}>
            Send test
          </Menu.Item>
        )}
        {!isOnPage && may(ADMIN_ROUTES.webhooks.update) && (
          <Menu.Item leftSection={<IconEdit {...ICON} />} onClick={act('edit')}>
            Edit
          </Menu.Item>
        )}
        {may(ADMIN_ROUTES.webhooks.rotate) && (
          <Menu.Item leftSection={<IconRefresh {...ICON} />} onClick={act('rotate')}>
            Rotate secret
          </Menu.Item>
        )}
        {may(ADMIN_ROUTES.webhooks.remove) && (
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
