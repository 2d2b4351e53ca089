import { ADMIN_KEY_ROUTES, AUDIT_ROUTES, SESSION_ROUTES } from './admin-routes/administrators.ts';
import { KEY_ROUTES } from './admin-routes/keys.ts';
import { ORGANIZATION_ROUTES } from './admin-routes/organization.ts';
import type { Route } from './admin-routes/route.ts';
import { STREAM_ROUTES } from './admin-routes/stream.ts';
import { TEAM_ROUTES } from './admin-routes/teams.ts';
import { WEBHOOK_ROUTES } from './admin-routes/webhooks.ts';

/** Every route of the admin API by resource and operation: what the document, the client and the specs are made from. */
export const ADMIN_ROUTES = {
  keys: KEY_ROUTES,
  teams: TEAM_ROUTES,
  organization: ORGANIZATION_ROUTES,
  adminKeys: ADMIN_KEY_ROUTES,
  auditLog: AUDIT_ROUTES,
  webhooks: WEBHOOK_ROUTES,
  session: SESSION_ROUTES,
  stream: STREAM_ROUTES,
} as const;

export interface NamedRoute extends Route {
  /** The resource: `keys`. */
  readonly resource: string;
  /** `keys.create` */
  readonly name: string;
}

export const ALL_ADMIN_ROUTES: readonly NamedRoute[] = Object.entries(ADMIN_ROUTES).flatMap(
  ([resource, table]) =>
    Object.entries<Route>(table).map(([operation, route]) => ({
      ...route,
      resource,
      name: `${resource}.${operation}`,
    })),
);
