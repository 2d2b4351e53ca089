import { SegmentedControl, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Panel } from '../overview/panel.tsx';
import { askUsage, remembered, type Scope } from '../overview/scope.ts';
import { Trouble } from '../trouble/trouble.tsx';
import { GroupTable } from './group-table.tsx';
import { GROUPINGS, type Grouping } from './groupings.ts';
import { MEASURES, told } from './measures.ts';
import { bucketsOf, drawnGroups, type Measure, sumOf, totalsOf } from './series.ts';
import { SPANS, type SpanName, spanUntilNow } from './spans.ts';
import styles from './usage-panel.module.css';
import { useGroupNames } from './use-group-names.ts';

const Chart = lazy(() => import('./chart.tsx').then((file) => ({ default: file.Chart })));
/** Meters move each second; what is drawn of days need not. */
const FRESH_MS = 60_000;

interface UsagePanelProps {
  readonly of: Scope;
  readonly title?: string;
  /** What it may be grouped by; the first is what it begins with. */
  readonly groupings?: readonly Grouping[];
  readonly spans?: readonly SpanName[];
  /** What else can be done with what is shown. */
  readonly actions?: (span: SpanName) => ReactNode;
}

const choices = <T extends string>(values: readonly T[], label: (value: T) => string) =>
  values.map((value) => ({ value, label: label(value) }));

/** What a scope used over time, by model, key or team. */
export function UsagePanel(props: UsagePanelProps) {
  const { of: scope, title = 'Usage', groupings = ['model'], spans = ['24h', '7d', '30d'], actions } = props;
  const [measure, setMeasure] = useState<Measure>('cost_usd');
  const [span, setSpan] = useState<SpanName>('24h');
  const [grouping, setGrouping] = useState<Grouping>(groupings[0] ?? 'model');
  const { bucket } = SPANS[span];
  const usage = useQuery({
    queryKey: remembered(scope, 'usage', grouping, span),
    queryFn: (asked) => askUsage(scope, { ...spanUntilNow(span), bucket, group_by: grouping }, asked),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
  const totals = totalsOf(usage.data?.data ?? []);
  const groups = drawnGroups(totals);
  const { nameOf, linkOf } = useGroupNames(grouping, usage.data);
  return (
    <Panel
      title={title}
      about={usage.data && `${told(sumOf(totals), measure)} in the last ${SPANS[span].title}`}
      actions={
        <>
          {groupings.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label="Grouped by"
              data={choices(groupings, (one) => GROUPINGS[one].title)}
              value={grouping}
              onChange={setGrouping}
            />
          )}
          <SegmentedControl
            size="xs"
            aria-label="What is drawn"
            data={[...MEASURES]}
            value={measure}
            onChange={setMeasure}
          />
          <SegmentedControl
            size="xs"
            aria-label="How far back"
            data={choices(spans, (one) => SPANS[one].title)}
            value={span}
            onChange={setSpan}
          />
          {actions?.(span)}
        </>
      }
    >
      {usage.isError ? (
        <Trouble what="Usage could not be read." error={usage.error} onRetry={usage.refetch} />
      ) : usage.isPending ? (
        <Skeleton height={240} />
      ) : totals.length === 0 ? (
        <p className={styles['none']}>No request in the last {SPANS[span].title}.</p>
      ) : (
        <div className={styles['body']} data-stale={usage.isPlaceholderData || undefined}>
          <Suspense fallback={<Skeleton height={240} />}>
            <Chart
              buckets={bucketsOf(usage.data.data, measure, { ...usage.data, bucket })}
              groups={groups}
              measure={measure}
              bucket={bucket}
              nameOf={nameOf}
              label={`Bars of use by ${bucket} and ${grouping}; the table below has the sums.`}
            />
          </Suspense>
          <GroupTable
            title={GROUPINGS[grouping].column}
            totals={totals}
            groups={groups}
            measure={measure}
            nameOf={nameOf}
            linkOf={linkOf}
          />
        </div>
      )}
    </Panel>
  );
}
