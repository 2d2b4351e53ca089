import {
  IconBuilding,
  IconChartBar,
  IconHistory,
  IconKey,
  type IconProps,
  IconShieldLock,
  IconUsers,
  IconWebhook,
} from '@tabler/icons-react';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Route } from '@tollgate/contracts/admin-routes/route';
import type { ComponentType } from 'react';

/** A screen that the menu leads to. */
export interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: ComponentType<IconProps>;
  /** What the screen asks first: who may not is not led there. */
  readonly asks: Route;
}

export const GROUPS: readonly (readonly Place[])[] = [
  [
    { path: '/keys', title: 'API keys', icon: IconKey, asks: ADMIN_ROUTES.keys.list },
    { path: '/teams', title: 'Teams', icon: IconUsers, asks: ADMIN_ROUTES.teams.list },
    { path: '/usage', title: 'Usage', icon: IconChartBar, asks: ADMIN_ROUTES.teams.usage },
  ],
  [
    { path: '/organization', title: 'Organization', icon: IconBuilding, asks: ADMIN_ROUTES.organization.get },
    { path: '/webhooks', title: 'Webhooks', icon: IconWebhook, asks: ADMIN_ROUTES.webhooks.list },
    { path: '/admin-keys', title: 'Admin keys', icon: IconShieldLock, asks: ADMIN_ROUTES.adminKeys.list },
    { path: '/audit-log', title: 'Audit log', icon: IconHistory, asks: ADMIN_ROUTES.auditLog.list },
  ],
];

/** Whether an address is a place's own, or of something within it. */
export const isWithin = (path: string, address: string): boolean =>
  address === path || address.startsWith(`${path}/`);

/** The place that an address is within. */
export const placeOf = (address: string): Place | undefined =>
  GROUPS.flat().find(({ path }) => isWithin(path, address));
