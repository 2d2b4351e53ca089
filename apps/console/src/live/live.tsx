import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import { ME } from '../session/me.ts';
import { applyEvent } from './apply-event.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { type LiveMeter, Meters } from './meters.ts';
import { WatchList } from './watch-list.ts';

interface Live {
  readonly meters: Meters;
  readonly watchList: WatchList;
  readonly state: ConnectionState;
  retry(): void;
}

const LiveContext = createContext<Live | null>(null);

/** Keeps the page's one stream open while somebody is signed in. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient();
  const [state, setState] = useState<ConnectionState>('connecting');
  const [parts] = useState(() => {
    const meters = new Meters();
    const connection = new Connection({
      onEvent: (event) => applyEvent(event, meters, queries),
      onState: (next) => {
        setState(next);
        if (next === 'ended') queries.setQueryData(ME, null);
      },
    });
    const watchList = new WatchList((ids) => {
      meters.keepOnly(new Set(ids));
      connection.watch(ids);
    });
    return { meters, connection, watchList };
  });

  useEffect(() => {
    const { connection, watchList } = parts;
    const hurry = () => connection.hurry();
    const unwatch = watchList.add([]);
    window.addEventListener('online', hurry);
    return () => {
      window.removeEventListener('online', hurry);
      unwatch();
      connection.close();
    };
  }, [parts]);

  const live = useMemo(
    () => ({
      meters: parts.meters,
      watchList: parts.watchList,
      state,
      retry: () => parts.connection.hurry(),
    }),
    [parts, state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('a part that is live stands outside of LiveProvider');
  return live;
}

export function useConnection(): Pick<Live, 'state' | 'retry'> {
  return useLive();
}

/** Has the stream tell the meters of these scopes while the part is shown. */
export function useWatched(scopeIds: readonly string[]): void {
  const { watchList } = useLive();
  const wanted = scopeIds.join(',');
  useEffect(() => watchList.add(wanted === '' ? [] : wanted.split(',')), [watchList, wanted]);
}

/** The last meter of a scope that is watched; `undefined` until the stream told it. */
export function useMeter(scopeId: string): LiveMeter | undefined {
  const { meters } = useLive();
  return useSyncExternalStore(
    (tell) => meters.listen(scopeId, tell),
    () => meters.get(scopeId),
  );
}
