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
import { Link, useLocation } from 'wouter';
import { useMay } from '../session/may.ts';
import styles from './navigation.module.css';

interface Place {
  readonly path: string;
  readonly title: string;
  readonly icon: ComponentType<IconProps>;
  /** What the screen asks first: who may not is not led there. */
  readonly asks: Route;
}

const GROUPS: readonly (readonly Place[])[] = [
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

/** The places that the one who is signed in may go. */
export function Navigation({ onGo }: { readonly onGo?: () => void }) {
  const may = useMay();
  const [here] = useLocation();
  return (
    <nav className={styles['navigation']} aria-label="Main">
      {GROUPS.map((places) => (
        <ul key={places[0]!.path}>
          {places
            .filter(({ asks }) => may(asks))
            .map(({ path, title, icon: Icon }) => (
              <li key={path}>
                <Link
                  href={path}
                  aria-current={here === path || here.startsWith(`${path}/`) ? 'page' : undefined}
                  {...(onGo && { onClick: onGo })}
                >
                  <Icon size={17} stroke={1.6} aria-hidden="true" />
                  {title}
                </Link>
              </li>
            ))}
        </ul>
      ))}
    </nav>
  );
}
