import { Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMay } from './session/may.ts';
import { NoSuchScreen } from './shell/no-such-screen.tsx';
import { NotForYou } from './shell/not-for-you.tsx';
import { placeOf } from './shell/places.ts';
import { screen } from './shell/screen.tsx';
import { ScreenSkeleton } from './shell/screen-skeleton.tsx';
import { Boundary } from './trouble/boundary.tsx';

const Keys = screen(() => import('./keys/keys-screen.tsx').then((file) => file.KeysScreen));
const KeyOverview = screen(() =>
  import('./overview/key-overview-screen.tsx').then((file) => file.KeyOverviewScreen),
);
const Teams = screen(() => import('./teams/teams-screen.tsx').then((file) => file.TeamsScreen));
const Team = screen(() => import('./teams/team-screen.tsx').then((file) => file.TeamScreen));
const Organization = screen(() =>
  import('./organization/organization-screen.tsx').then((file) => file.OrganizationScreen),
);
const Webhooks = screen(() => import('./webhooks/webhooks-screen.tsx').then((file) => file.WebhooksScreen));
const OneWebhook = screen(() => import('./webhooks/webhook-screen.tsx').then((file) => file.WebhookScreen));
const AdminKeys = screen(() =>
  import('./admin-keys/admin-keys-screen.tsx').then((file) => file.AdminKeysScreen),
);
const AuditLog = screen(() => import('./audit-log/audit-log-screen.tsx').then((file) => file.AuditLogScreen));
const Usage = screen(() => import('./usage/usage-screen.tsx').then((file) => file.UsageScreen));

interface Loaded {
  load(): Promise<unknown>;
}
/** Of each place the screen, and the one of a single item there. */
const AT: Readonly<Record<string, readonly [all: Loaded, one?: Loaded]>> = {
  keys: [Keys, KeyOverview],
  teams: [Teams, Team],
  organization: [Organization],
  webhooks: [Webhooks, OneWebhook],
  'admin-keys': [AdminKeys],
  'audit-log': [AuditLog],
  usage: [Usage],
};

/** Lets the script of the screen at an address come before it is gone to. One that does not come is told of there. */
export async function loadScreen(address: string): Promise<void> {
  const [, place, id] = address.split('/');
  const [all, one] = AT[place || 'keys'] ?? [];
  await (id && id !== 'new' ? one : all)?.load().catch(() => undefined);
}

/** Which screen is where. */
export function Screens() {
  const may = useMay();
  const [here] = useLocation();
  const place = placeOf(here);
  if (place && !may(place.asks)) return <NotForYou of={place} />;
  return (
    <Boundary key={here.split('/')[1]}>
      <Suspense fallback={<ScreenSkeleton />}>
        <Switch>
          <Route path="/">
            <Redirect to="/keys" replace />
          </Route>
          <Route path={/^\/keys(\/new)?$/} component={Keys} />
          <Route path="/keys/:id">{({ id }) => <KeyOverview key={id} id={id} />}</Route>
          <Route path="/teams" component={Teams} />
          <Route path="/teams/:id">{({ id }) => <Team key={id} id={id} />}</Route>
          <Route path="/organization" component={Organization} />
          <Route path={/^\/webhooks(\/new)?$/} component={Webhooks} />
          <Route path="/webhooks/:id">{({ id }) => <OneWebhook key={id} id={id} />}</Route>
          <Route path={/^\/admin-keys(\/new)?$/} component={AdminKeys} />
          <Route path="/audit-log" component={AuditLog} />
          <Route path="/usage" component={Usage} />
          <Route>
            <NoSuchScreen />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}
