import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { useMay } from './session/may.ts';
import { NoSuchScreen } from './shell/no-such-screen.tsx';
import { NotForYou } from './shell/not-for-you.tsx';
import { placeOf } from './shell/places.ts';
import { ScreenSkeleton } from './shell/screen-skeleton.tsx';
import { Boundary } from './trouble/boundary.tsx';

const Keys = lazy(() => import('./keys/keys-screen.tsx').then(({ KeysScreen }) => ({ default: KeysScreen })));
const KeyOverview = lazy(() =>
  import('./overview/key-overview-screen.tsx').then((file) => ({ default: file.KeyOverviewScreen })),
);
const Teams = lazy(() => import('./teams/teams-screen.tsx').then((file) => ({ default: file.TeamsScreen })));
const Team = lazy(() => import('./teams/team-screen.tsx').then((file) => ({ default: file.TeamScreen })));
const Organization = lazy(() =>
  import('./organization/organization-screen.tsx').then((file) => ({ default: file.OrganizationScreen })),
);
const Webhooks = lazy(() =>
  import('./webhooks/webhooks-screen.tsx').then((file) => ({ default: file.WebhooksScreen })),
);
const OneWebhook = lazy(() =>
  import('./webhooks/webhook-screen.tsx').then((file) => ({ default: file.WebhookScreen })),
);
const AdminKeys = lazy(() =>
  import('./admin-keys/admin-keys-screen.tsx').then((file) => ({ default: file.AdminKeysScreen })),
);
const AuditLog = lazy(() =>
  import('./audit-log/audit-log-screen.tsx').then((file) => ({ default: file.AuditLogScreen })),
);
const Usage = lazy(() => import('./usage/usage-screen.tsx').then((file) => ({ default: file.UsageScreen })));

/** Which screen is where. Each comes when it is first gone to. */
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
