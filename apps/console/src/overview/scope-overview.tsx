import type { OverviewMeter } from '@tollgate/contracts/admin-http';
import type { Limits } from '@tollgate/contracts/limits';
import type { HistoryEntry } from '@tollgate/contracts/metering-http';
import { lazy, type ReactNode, Suspense } from 'react';
import { UsagePanel } from '../usage/usage-panel.tsx';
import { Gauges } from './gauges.tsx';
import { LastRequests } from './last-requests.tsx';
import styles from './overview.module.css';
import { Propagation } from './propagation.tsx';
import type { Scope } from './scope.ts';
import { Timeline } from './timeline.tsx';

const Statement = lazy(() => import('./statement.tsx').then((file) => ({ default: file.Statement })));

interface ScopeOverviewProps {
  readonly of: Scope;
  readonly name: string;
  readonly version: number;
  readonly limits: Limits;
  readonly meter: OverviewMeter;
  readonly history: readonly HistoryEntry[];
  readonly details: ReactNode;
  /** What only this kind of scope has, below its use. */
  readonly children?: ReactNode;
  readonly isExplained: boolean;
  readonly onExplained: () => void;
}

/** What is shown of a key, a team and the organization alike. */
export function ScopeOverview(props: ScopeOverviewProps) {
  const {
    of: scope,
    name,
    version,
    limits,
    meter,
    history,
    details,
    isExplained,
    onExplained,
    children,
  } = props;
  return (
    <>
      <Gauges limits={limits} meter={meter} />
      <UsagePanel of={scope} />
      <div className={styles['columns']}>
        <div>
          {children}
          {scope.kind !== 'organization' && <LastRequests of={scope} />}
          {scope.kind === 'organization' && <Timeline of={history} />}
        </div>
        <div>
          {scope.kind !== 'organization' && <Timeline of={history} />}
          <Propagation of={scope} version={version} />
          {details}
        </div>
      </div>
      {isExplained && (
        <Suspense>
          <Statement of={scope} name={name} onClose={onExplained} />
        </Suspense>
      )}
    </>
  );
}
