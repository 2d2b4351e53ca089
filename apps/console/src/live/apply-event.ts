import type { QueryClient } from '@tanstack/react-query';
import type { ScopeKind } from '@tollgate/contracts/limits';
import type { LiveMeter, Meters } from './meters.ts';
import type { ServerEvent } from './server-events.ts';

/** What is asked again when a scope of this kind changed: its own pages, and the lists that it is in. */
const SCREENS: Record<ScopeKind, string> = { key: 'keys', team: 'teams', organization: 'organization' };

interface ScopeEvent {
  readonly scope: ScopeKind;
  readonly id?: string;
  readonly scope_id?: string;
}

/** Lets one event of the stream be seen: a meter where it is shown, a change by asking for what changed again. */
export function applyEvent({ name, data }: ServerEvent, meters: Meters, queries: QueryClient): void {
  switch (name) {
    case 'meter': {
      const { scope_id, ...meter } = JSON.parse(data) as LiveMeter & { scope_id: string };
      meters.set(scope_id, meter);
      break;
    }
    case 'changed': {
      const { scope, id = '' } = JSON.parse(data) as ScopeEvent;
      void queries.invalidateQueries({ queryKey: [SCREENS[scope], 'list'] });
      void queries.invalidateQueries({ queryKey: [SCREENS[scope], id] });
      break;
    }
    case 'limit': {
      const { scope, scope_id = '' } = JSON.parse(data) as ScopeEvent;
      void queries.invalidateQueries({ queryKey: [SCREENS[scope], scope_id, 'overview'] });
      break;
    }
    case 'resync':
      void queries.invalidateQueries();
  }
}
