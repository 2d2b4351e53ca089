import type { QueryClient } from '@tanstack/react-query';
import type { StreamEvent } from '@tollgate/admin-client/live-stream';
import type { ScopeKind } from '@tollgate/contracts/limits';
import type { Meters } from './meters.ts';

/** What is asked again when a scope of this kind changed: its own pages, and the lists that it is in. */
const SCREENS: Record<ScopeKind, string> = { key: 'keys', team: 'teams', organization: 'organization' };

/** Lets one event of the stream be seen: a meter where it is shown, a change by asking for what changed again. */
export function applyEvent(told: StreamEvent, meters: Meters, queries: QueryClient): void {
  switch (told.event) {
    case 'meter':
      meters.set(told.data.scope_id, told.data);
      break;
    case 'meters':
      meters.setMoving(told.data.live);
      break;
    case 'changed':
      void queries.invalidateQueries({ queryKey: [SCREENS[told.data.scope], 'list'] });
      void queries.invalidateQueries({ queryKey: [SCREENS[told.data.scope], told.data.id] });
      // Keys are told with the names of their teams.
      if (told.data.scope === 'team') void queries.invalidateQueries({ queryKey: ['keys', 'list'] });
      break;
    case 'limit':
      void queries.invalidateQueries({
        queryKey: [SCREENS[told.data.scope], told.data.scope_id, 'overview'],
      });
      break;
    case 'resync':
      void queries.invalidateQueries();
      break;
    case 'hello':
      break;
    default:
      told satisfies never;
  }
}
