import { Skeleton } from '@mantine/core';
import gauges from './gauge.module.css';
import styles from './overview.module.css';

/** An overview before it is there, in its shape. */
export function OverviewSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label="Loading the overview" className={styles['stack']}>
      <div>
        <Skeleton height={22} width={240} mb={10} />
        <Skeleton height={12} width={180} />
      </div>
      <div className={gauges['gauges']}>
        {['cost', 'tokens', 'requests', 'period'].map((name) => (
          <div key={name} className={gauges['gauge']}>
            <Skeleton height={10} width="40%" mb={14} />
            <Skeleton height={22} width="70%" mb={16} />
            <Skeleton height={4} mb={14} />
            <Skeleton height={10} width="50%" />
          </div>
        ))}
      </div>
      <Skeleton height={320} radius="lg" />
    </div>
  );
}
