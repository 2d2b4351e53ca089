import { SegmentedControl, Skeleton } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { Panel } from '../overview/panel.tsx';
import { askUsage, remembered, type Scope } from '../overview/scope.ts';
import { Trouble } from '../trouble/trouble.tsx';
import { GroupTable } from './group-table.tsx';
import { MEASURES, told } from './measures.ts';
import { bucketsOf, drawnGroups, type Measure, sumOf, totalsOf } from './series.ts';
import { SPANS, type SpanName, spanUntilNow } from './spans.ts';
import styles from './usage-panel.module.css';

const Chart = lazy(() => import('./chart.tsx').then((file) => ({ default: file.Chart })));
const CHOICES = (['24h', '7d', '30d'] as const).map((value) => ({ value, label: SPANS[value].title }));
/** Meters move each second; what is drawn of days need not. */
const FRESH_MS = 60_000;

/** What a scope used over time, by model. */
export function UsagePanel({ of: scope }: { readonly of: Scope }) {
  const [measure, setMeasure] = useState<Measure>('cost_usd');
  const [span, setSpan] = useState<SpanName>('24h');
  const { bucket } = SPANS[span];
  const usage = useQuery({
    queryKey: remembered(scope, 'usage', 'model', span),
    queryFn: (asked) => askUsage(scope, { ...spanUntilNow(span), bucket, group_by: 'model' }, asked),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
  const totals = totalsOf(usage.data?.data ?? []);
  const groups = drawnGroups(totals);
  const all = sumOf(totals);
  return (
    <Panel
      title="Usage"
      about={usage.data && `${told(all, measure)} in the last ${SPANS[span].title}`}
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label="What is drawn"
            data={[...MEASURES]}
            value={measure}
            onChange={(value) => setMeasure(value as Measure)}
          />
          <SegmentedControl
            size="xs"
            aria-label="How far back"
            data={CHOICES}
            value={span}
            onChange={(value) => setSpan(value as SpanName)}
          />
        </>
      }
    >
      {usage.isError ? (
        <Trouble what="Usage could not be read." error={usage.error} onRetry={() => void usage.refetch()} />
      ) : usage.isPending ? (
        <Skeleton height={240} />
      ) : totals.length === 0 ? (
        <p className={styles['none']}>No request in the last {SPANS[span].title}.</p>
      ) : (
        <>
          <Suspense fallback={<Skeleton height={240} />}>
            <Chart
              buckets={bucketsOf(usage.data.data, measure, { ...usage.data, bucket })}
              groups={groups}
              measure={measure}
              bucket={bucket}
              nameOf={(group) => group}
              label={`Bars of use by ${bucket} and model; the table below has the sums.`}
            />
          </Suspense>
          <GroupTable
            title="Model"
            totals={totals}
            groups={groups}
            measure={measure}
            nameOf={(group) => group}
          />
        </>
      )}
    </Panel>
  );
}
