import { Skeleton } from '@mantine/core';
import table from '../figures/table.module.css';
import { usePhone } from '../theme/phone.ts';
import styles from './list-skeleton.module.css';

const LINES = ['72%', '54%', '84%', '60%', '48%', '76%', '66%', '58%'];
const COLUMNS = ['10%', '6%', '12%', '12%', '10%'];

interface ListSkeletonProps {
  /** What is under way: `the keys`. */
  readonly of: string;
  readonly lines?: number;
}

/** A list before it is there, in its shape. */
export function ListSkeleton({ of, lines = LINES.length }: ListSkeletonProps) {
  const isPhone = usePhone();
  return (
    <div className={table['frame']} role="status" aria-busy="true" aria-label={`Loading ${of}`}>
      {LINES.slice(0, lines).map((width) => (
        <div key={width} className={styles['line']}>
          <div>
            <Skeleton height={11} width={width} mb={8} />
            <Skeleton height={8} width="40%" />
          </div>
          {!isPhone &&
            COLUMNS.map((column, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns stay where they are
              <Skeleton key={place} height={8} style={{ flex: `0 1 ${column}` }} />
            ))}
        </div>
      ))}
    </div>
  );
}
