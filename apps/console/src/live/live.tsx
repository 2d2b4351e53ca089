import { type Query, useQueryClient } from '@tanstack/react-query';
import { LiveStream, type StreamState } from '@tollgate/admin-client/live-stream';
import type { StreamMeter } from '@tollgate/contracts/stream-http';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { admin } from '../api/admin.ts';
import { enter } from '../session/me.ts';
import { applyEvent } from './apply-event.ts';
import { Meters } from './meters.ts';
import { WatchList } from './watch-list.ts';

interface Live {
  readonly meters: Meters;
  readonly watchList: WatchList;
  readonly state: StreamState;
  retry(): void;
}

const isRead = ({ state }: Query) => state.status === 'success';
const hasFailed = ({ state }: Query) => state.status === 'error';

const LiveContext = createContext<Live | null>(null);

/** Keeps the page's one stream open while somebody is signed in and the page is seen. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<StreamState>('connecting');
  const [{ meters, stream, watchList }] = useState(() => {
    const meters = new Meters();
    let isTold = false;
    const stream = new LiveStream(admin, {
      onEvent: (event) => {
        applyEvent(event, meters, queries);
        if (event.event === 'hello') {
          // What changed after it was read and before the stream began is told by nobody. Later, what could not be read may be.
          void queries.invalidateQueries({ predicate: isTold ? hasFailed : isRead });
        }
        isTold = true;
      },
      onState: (next, error) => {
        setState(next);
        if (error?.status === 401) enter(queries, null);
      },
    });
    const watchList = new WatchList((ids) => {
      meters.keepOnly(new Set(ids));
      stream.watch(ids);
    });
    return { meters, stream, watchList };
  });

  useEffect(() => {
    // A browser has six connections to an origin, and every page that is open holds one.
    const followSight = () => (document.hidden ? stream.pause() : stream.resume());
    const retry = () => stream.resume();
    followSight();
    document.addEventListener('visibilitychange', followSight);
    window.addEventListener('online', retry);
    return () => {
      document.removeEventListener('visibilitychange', followSight);
      window.removeEventListener('online', retry);
      stream.pause();
    };
  }, [stream]);

  const live = useMemo(
    () => ({ meters, watchList, state, retry: () => stream.resume() }),
    [meters, stream, watchList, state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('a part that is live stands outside of LiveProvider');
  return live;
}

/** How the stream stands, and whether the figures that it tells move. */
export function useConnection() {
  const { state, retry, meters } = useLive();
  const isMoving = useSyncExternalStore(
    (tell) => meters.listenMoving(tell),
    () => meters.isMoving,
  );
  return { state, retry, isMoving };
}

/** Has the stream tell the meters of these scopes while the part is shown. */
export function useWatched(scopeIds: readonly string[]): void {
  const { watchList } = useLive();
  const wanted = scopeIds.join(',');
  useEffect(() => watchList.add(wanted === '' ? [] : wanted.split(',')), [watchList, wanted]);
}

/** The last meter of a scope that is watched; `undefined` until the stream told it. */
export function useMeter(scopeId: string): StreamMeter | undefined {
  const { meters } = useLive();
  return useSyncExternalStore(
    (tell) => meters.listen(scopeId, tell),
    () => meters.get(scopeId),
  );
}
