import { Button } from '@mantine/core';
import { IconEdit, IconReceipt2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { KeyOverview } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { useState } from 'react';
import { admin } from '../api/admin.ts';
import { EnabledToggle } from '../keys/enabled-toggle.tsx';
import { type KeyAct, KeyActDialog } from '../keys/key-act.tsx';
import { standingOf } from '../keys/key-state.ts';
import { RowMenu } from '../keys/row-menu.tsx';
import { StandingMark } from '../keys/standing-mark.tsx';
import { useMeter, useWatched } from '../live/live.tsx';
import { CopyIcon } from '../secret/copy-icon.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Trouble } from '../trouble/trouble.tsx';
import { KeyDetails } from './key-details.tsx';
import { KeyNotices } from './key-notices.tsx';
import styles from './overview.module.css';
import { OverviewSkeleton } from './overview-skeleton.tsx';
import { ScopeOverview } from './scope-overview.tsx';
import { WayBack } from './way-back.tsx';

/** A key: what it used and has left, what happened to it, and all that can be done with it. */
export function KeyOverviewScreen({ id }: { readonly id: string }) {
  useWatched([id]);
  const overview = useQuery({
    queryKey: ['keys', id, 'overview'],
    queryFn: ({ signal }) => admin.keys.overview({ id, signal }),
  });
  return (
    <>
      <WayBack to="/keys" title="API keys" />
      {overview.isError ? (
        <>
          <ScreenHead title="API key" />
          <Trouble what="The key could not be read." error={overview.error} onRetry={overview.refetch} />
        </>
      ) : overview.isPending ? (
        <OverviewSkeleton />
      ) : (
        <Overview of={overview.data} />
      )}
    </>
  );
}

function Overview({ of: { key, meter: asked, history } }: { readonly of: KeyOverview }) {
  const may = useMay();
  const meter = useMeter(key.id)?.meter ?? asked;
  const [doing, setDoing] = useState<KeyAct | null>(null);
  const [isExplained, setExplained] = useState(false);
  const canChange = may(ADMIN_ROUTES.keys.update) && key.status !== 'revoked';
  return (
    <div className={styles['stack']}>
      <ScreenHead
        title={key.name}
        about={
          <span className={styles['sub']}>
            <StandingMark standing={standingOf(key, meter)} />
            <Prefix text={`${key.prefix}…${key.last_four}`} id={key.id} />
            <bdi>
              {key.team_name ?? key.team_id}
              {key.environment !== null && ` · ${key.environment}`}
            </bdi>
          </span>
        }
        actions={
          <>
            {canChange && key.status !== 'expired' && (
              <span className={styles['toggle']}>
                <EnabledToggle of={key} />
              </span>
            )}
            <Button
              variant="default"
              leftSection={<IconReceipt2 size={16} stroke={1.6} />}
              onClick={() => setExplained(true)}
            >
              Explain this balance
            </Button>
            {canChange && (
              <Button
                variant="default"
                leftSection={<IconEdit size={16} stroke={1.6} />}
                onClick={() => setDoing({ act: 'edit', key })}
              >
                Edit
              </Button>
            )}
            <RowMenu of={key} onAct={setDoing} isOnOverview />
          </>
        }
      />
      <KeyNotices of={key} meter={meter} onAct={setDoing} />
      <ScopeOverview
        of={{ kind: 'key', id: key.id }}
        name={key.name}
        version={key.version}
        limits={key.limits}
        meter={meter}
        history={history}
        details={<KeyDetails of={key} />}
        isExplained={isExplained}
        onExplained={() => setExplained(false)}
      />
      <KeyActDialog doing={doing} onClose={() => setDoing(null)} />
    </div>
  );
}

function Prefix({ text, id }: { readonly text: string; readonly id: string }) {
  return (
    <span className={styles['prefix']}>
      <code>{text}</code>
      <CopyIcon text={id} label="Copy the key’s id" />
    </span>
  );
}
