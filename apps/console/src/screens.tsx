import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation } from 'wouter';
import { NoSuchScreen } from './shell/no-such-screen.tsx';
import { ScreenSkeleton } from './shell/screen-skeleton.tsx';
import { Boundary } from './trouble/boundary.tsx';

const Keys = lazy(() => import('./keys/keys-screen.tsx').then(({ KeysScreen }) => ({ default: KeysScreen })));

/** Which screen is where. Each comes when it is first gone to. */
export function Screens() {
  const [here] = useLocation();
  return (
    <Boundary key={here.split('/')[1]}>
      <Suspense fallback={<ScreenSkeleton />}>
        <Switch>
          <Route path="/">
            <Redirect to="/keys" replace />
          </Route>
          <Route path={/^\/keys(\/new)?$/} component={Keys} />
          <Route>
            <NoSuchScreen />
          </Route>
        </Switch>
      </Suspense>
    </Boundary>
  );
}
