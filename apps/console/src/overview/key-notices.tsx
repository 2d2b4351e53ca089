import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Key, OverviewMeter } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { admin } from '../api/admin.ts';
import { When } from '../figures/when.tsx';
import type { KeyAct } from '../keys/key-act.tsx';
import { expiresSoon } from '../keys/key-state.ts';
import { useMeter, useWatched } from '../live/live.tsx';
import { useMay } from '../session/may.ts';
import { BlockedNotice } from './blocked-notice.tsx';
import { Notice } from './notice.tsx';

interface KeyNoticesProps {
  readonly of: Key;
  readonly meter: OverviewMeter;
  readonly onAct: (act: KeyAct) => void;
}

/** Whatever keeps a key from working, or soon will, with what can be done about it. */
export function KeyNotices({ of: key, meter, onAct }: KeyNoticesProps) {
  const may = useMay();
  const act = (name: KeyAct['act']) => () => onAct({ act: name, key });
  if (key.status === 'revoked') {
    return (
      <Notice tone="plain" title="This key is deleted">
        It opens nothing any more, for good. What it used stays here and in the ledger.
      </Notice>
    );
  }
  const edit = may(ADMIN_ROUTES.keys.update) && (
    <Button size="xs" variant="default" onClick={act('edit')}>
      Change the expiration
    </Button>
  );
  return (
    <>
      {key.status === 'disabled' && (
        <Notice tone="plain" title="This key is disabled">
          Requests get 403 <code>key_disabled</code> until it is enabled.
        </Notice>
      )}
      {key.status === 'expired' && (
        <Notice
          tone="warn"
          title={
            <>
              This key expired <When at={key.expires_at} />
            </>
          }
          actions={edit}
        >
          Requests get 401 <code>key_expired</code>.
        </Notice>
      )}
      {expiresSoon(key, Date.now()) && (
        <Notice
          tone="warn"
          title={
            <>
              This key expires <When at={key.expires_at} />
            </>
          }
          actions={edit}
        >
          From then on requests get 401 <code>key_expired</code>.
        </Notice>
      )}
      <BlockedNotice
        whose="this key"
        limits={key.limits}
        meter={meter}
        actions={
          <>
            {may(ADMIN_ROUTES.keys.update) && (
              <Button size="xs" variant="default" onClick={act('edit')}>
                Raise the limit
              </Button>
            )}
            {may(ADMIN_ROUTES.keys.reset) && (
              <Button size="xs" variant="default" onClick={act('reset')}>
                Reset usage
              </Button>
            )}
          </>
        }
      />
      <TeamNotice teamId={key.team_id} />
    </>
  );
}

/** A key can be held back by what all keys of its team used together. */
function TeamNotice({ teamId }: { readonly teamId: string }) {
  useWatched([teamId]);
  const meter = useMeter(teamId)?.meter;
  const team = useQuery({
    queryKey: ['teams', teamId, 'team'],
    queryFn: ({ signal }) => admin.teams.get({ id: teamId, signal }),
    enabled: meter !== undefined && meter.blocked.length > 0,
  });
  if (meter === undefined || team.data === undefined) return null;
  return <BlockedNotice whose={`the team ${team.data.name}`} limits={team.data.limits} meter={meter} />;
}
