import { Button } from '@mantine/core';
import { IconEdit, IconReceipt2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { TeamOverview } from '@tollgate/contracts/teams-http';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { counted } from '../figures/count.ts';
import { When } from '../figures/when.tsx';
import { ENFORCEMENT_WORDS, PERIOD_WORDS } from '../limits/words.ts';
import { useMeter, useWatched } from '../live/live.tsx';
import { BlockedNotice } from '../overview/blocked-notice.tsx';
import { Facts } from '../overview/facts.tsx';
import { Made } from '../overview/made.tsx';
import { Notice } from '../overview/notice.tsx';
import styles from '../overview/overview.module.css';
import { OverviewSkeleton } from '../overview/overview-skeleton.tsx';
import { Panel } from '../overview/panel.tsx';
import { ScopeOverview } from '../overview/scope-overview.tsx';
import { WayBack } from '../overview/way-back.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { type TeamAct, TeamActDialog } from './team-act.tsx';
import { TeamKeys } from './team-keys.tsx';
import { TeamMenu } from './team-menu.tsx';

/** A team: what its keys used together, and what it has left. */
export function TeamScreen({ id }: { readonly id: string }) {
  useWatched([id]);
  const overview = useQuery({
    queryKey: ['teams', id, 'overview'],
    queryFn: ({ signal }) => admin.teams.overview({ id, signal }),
  });
  return (
    <>
      <WayBack to="/teams" title="Teams" />
      {overview.isError ? (
        <>
          <ScreenHead title="Team" />
          <Trouble what="The team could not be read." error={overview.error} onRetry={overview.refetch} />
        </>
      ) : overview.isPending ? (
        <OverviewSkeleton />
      ) : (
        <Overview {...overview.data} />
      )}
    </>
  );
}

function Overview({ team, meter: asked, history }: TeamOverview) {
  const meter = useMeter(team.id)?.meter ?? asked;
  const [doing, setDoing] = useState<TeamAct | null>(null);
  const [isExplained, setExplained] = useState(false);
  const may = useMay();
  return (
    <div className={styles['stack']}>
      <ScreenHead
        title={team.name}
        about={`${counted(team.live_keys, 'live key')}, within the limits of the team together`}
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconReceipt2 size={16} stroke={1.6} />}
              onClick={() => setExplained(true)}
            >
              Explain this balance
            </Button>
            {team.deleted_at === null && may(ADMIN_ROUTES.teams.update) && (
              <Button
                variant="default"
                leftSection={<IconEdit size={16} stroke={1.6} />}
                onClick={() => setDoing({ act: 'edit', team })}
              >
                Edit
              </Button>
            )}
            <TeamMenu of={team} onAct={setDoing} isOnPage />
          </>
        }
      />
      {team.deleted_at !== null && (
        <Notice
          tone="plain"
          title={
            <>
              This team was deleted <When at={team.deleted_at} />
            </>
          }
        />
      )}
      <BlockedNotice whose="this team" limits={team.limits} meter={meter} />
      <ScopeOverview
        of={{ kind: 'team', id: team.id }}
        name={team.name}
        version={team.version}
        limits={team.limits}
        meter={meter}
        history={history}
        details={
          <Panel title="Details">
            <Facts
              facts={[
                ['Resets', `${PERIOD_WORDS[team.limits.reset_period]}, ${team.limits.timezone}`],
                ['When reached', ENFORCEMENT_WORDS[team.limits.enforcement][0]],
                ['Created', <Made key="created" of={team} />],
                ['Id', <code key="id">{team.id}</code>],
              ]}
            />
          </Panel>
        }
        isExplained={isExplained}
        onExplained={() => setExplained(false)}
      >
        <TeamKeys teamId={team.id} liveKeys={team.live_keys} />
      </ScopeOverview>
      <TeamActDialog doing={doing} onClose={() => setDoing(null)} />
    </div>
  );
}
