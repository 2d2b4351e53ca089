import '@mantine/charts/styles.layer.css';
import { BarChart } from '@mantine/charts';
import { atMinute, onDay } from '../figures/instant.ts';
import { ChartTip } from './chart-tip.tsx';
import { colorOf } from './group-color.ts';
import { tick } from './measures.ts';
import type { DrawnBucket, Measure } from './series.ts';

interface ChartProps {
  readonly buckets: readonly DrawnBucket[];
  readonly groups: readonly string[];
  readonly measure: Measure;
  readonly bucket: 'hour' | 'day';
  /** What is seen, for those who do not see it. */
  readonly label: string;
  readonly nameOf: (group: string) => string;
}

/** Use over time, a colour for each group. */
export function Chart({ buckets, groups, measure, bucket, label, nameOf }: ChartProps) {
  const axis = (at: string) =>
    bucket === 'hour' ? atMinute(at) : onDay(`${at}T12:00:00Z`).replace(/, \d+$/, '');
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={240}
        data={buckets as unknown as Record<string, unknown>[]}
        dataKey="at"
        type="stacked"
        series={groups.map((group, i) => ({ name: group, label: nameOf(group), color: colorOf(group, i) }))}
        gridAxis="x"
        gridColor="var(--line)"
        strokeDasharray="0"
        withYAxis
        tickLine="none"
        xAxisProps={{ tickFormatter: axis, minTickGap: 48, interval: 'preserveStartEnd' }}
        yAxisProps={{ tickFormatter: tick(measure), width: 56, tickCount: 4 }}
        barProps={{ isAnimationActive: false }}
        maxBarWidth={28}
        barChartProps={{ accessibilityLayer: false }}
        tooltipAnimationDuration={0}
        tooltipProps={{
          content: ({ label: at, payload }) =>
            typeof at === 'string' && (
              <ChartTip at={axis(at)} shown={payload} measure={measure} nameOf={nameOf} />
            ),
        }}
      />
    </div>
  );
}
