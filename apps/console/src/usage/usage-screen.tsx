import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import { exportAddress, type Scope } from '../overview/scope.ts';
import { useMe } from '../session/me.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { spanUntilNow } from './spans.ts';
import { UsagePanel } from './usage-panel.tsx';

/** What everybody used, by model, key and team; of those who act in one team, what that team did. */
export function UsageScreen() {
  const { team_id } = useMe();
  const scope: Scope =
    team_id === null ? { kind: 'organization', id: ORGANIZATION_ID } : { kind: 'team', id: team_id };
  return (
    <>
      <ScreenHead
        title="Usage"
        about={
          team_id === null ? 'What all keys used together.' : 'What the keys of your team used together.'
        }
      />
      <UsagePanel
        of={scope}
        title="Over time"
        groupings={team_id === null ? ['model', 'key', 'team'] : ['model', 'key']}
        spans={['24h', '7d', '30d', '90d']}
        actions={(span) => {
          const { from, to } = spanUntilNow(span);
          return (
            <Button
              component="a"
              size="xs"
              variant="default"
              href={exportAddress(scope, from, to)}
              download
              leftSection={<IconDownload size={14} stroke={1.7} />}
            >
              Export CSV
            </Button>
          );
        }}
      />
    </>
  );
}
