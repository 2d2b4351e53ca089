import { Button } from '@mantine/core';
import { IconEdit, IconReceipt2, IconRotate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { ORGANIZATION_ID } from '@tollgate/contracts/ids';
import type { OrganizationOverview } from '@tollgate/contracts/organization-http';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'wouter';
import { admin } from '../api/admin.ts';
import { counted } from '../figures/count.ts';
import { ENFORCEMENT_WORDS, PERIOD_WORDS } from '../limits/words.ts';
import { useMeter, useWatched } from '../live/live.tsx';
import { BlockedNotice } from '../overview/blocked-notice.tsx';
import { Facts } from '../overview/facts.tsx';
import styles from '../overview/overview.module.css';
import { OverviewSkeleton } from '../overview/overview-skeleton.tsx';
import { Panel } from '../overview/panel.tsx';
import { ScopeOverview } from '../overview/scope-overview.tsx';
import { useMay } from '../session/may.ts';
import { ScreenHead } from '../shell/screen-head.tsx';
import { Trouble } from '../trouble/trouble.tsx';

const EditOrganization = lazy(() =>
  import('./edit-organization.tsx').then((file) => ({ default: file.EditOrganization })),
);
const ResetOrganization = lazy(() =>
  import('./reset-organization.tsx').then((file) => ({ default: file.ResetOrganization })),
);

/** What all keys used together, and the limits and warnings that hold for everyone. */
export function OrganizationScreen() {
  useWatched([ORGANIZATION_ID]);
  const overview = useQuery({
    queryKey: ['organization', ORGANIZATION_ID, 'overview'],
    queryFn: ({ signal }) => admin.organization.overview({ signal }),
  });
  if (overview.isError) {
    return (
      <>
        <ScreenHead title="Organization" />
        <Trouble
          what="The organization could not be read."
          error={overview.error}
          onRetry={overview.refetch}
        />
      </>
    );
  }
  return overview.isPending ? <OverviewSkeleton /> : <Overview {...overview.data} />;
}

function Overview({ organization, meter: asked, history }: OrganizationOverview) {
  const may = useMay();
  const meter = useMeter(ORGANIZATION_ID)?.meter ?? asked;
  const [doing, setDoing] = useState<'edit' | 'reset' | null>(null);
  const [isExplained, setExplained] = useState(false);
  const close = () => setDoing(null);
  const { limits, warning_thresholds } = organization;
  return (
    <div className={styles['stack']}>
      <ScreenHead
        title={organization.name}
        about="Limits that hold for all keys together."
        actions={
          <>
            <Button
              variant="default"
              leftSection={<IconReceipt2 size={16} stroke={1.6} />}
              onClick={() => setExplained(true)}
            >
              Explain this balance
            </Button>
            {may(ADMIN_ROUTES.organization.reset) && (
              <Button
                variant="default"
                leftSection={<IconRotate size={16} stroke={1.6} />}
                onClick={() => setDoing('reset')}
              >
                Reset usage
              </Button>
            )}
            {may(ADMIN_ROUTES.organization.update) && (
              <Button
                variant="default"
                leftSection={<IconEdit size={16} stroke={1.6} />}
                onClick={() => setDoing('edit')}
              >
                Edit
              </Button>
            )}
          </>
        }
      />
      <BlockedNotice whose="the organization" limits={limits} meter={meter} />
      <ScopeOverview
        of={{ kind: 'organization', id: ORGANIZATION_ID }}
        name={organization.name}
        version={organization.version}
        limits={limits}
        meter={meter}
        history={history}
        details={
          <Panel title="Details">
            <Facts
              facts={[
                [
                  'Warns at',
                  warning_thresholds.length === 0
                    ? 'Never'
                    : warning_thresholds.map((one) => `${one} %`).join(', '),
                ],
                ...(organization.webhooks === null
                  ? []
                  : [['Told to', <ToldTo key="told" webhooks={organization.webhooks.length} />] as const]),
                ['Resets', `${PERIOD_WORDS[limits.reset_period]}, ${limits.timezone}`],
                ['When reached', ENFORCEMENT_WORDS[limits.enforcement][0]],
              ]}
            />
          </Panel>
        }
        isExplained={isExplained}
        onExplained={() => setExplained(false)}
      />
      <Suspense>
        {doing === 'edit' && <EditOrganization of={organization} onClose={close} />}
        {doing === 'reset' && <ResetOrganization onClose={close} />}
      </Suspense>
    </div>
  );
}

function ToldTo({ webhooks }: { readonly webhooks: number }) {
  return <Link href="/webhooks">{webhooks === 0 ? 'Nobody yet' : counted(webhooks, 'webhook')}</Link>;
}
