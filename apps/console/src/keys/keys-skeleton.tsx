import { Skeleton } from '@mantine/core';
import styles from '../figures/table.module.css';
import { usePhone } from '../theme/phone.ts';

const LINES = ['72%', '54%', '84%', '60%', '48%', '76%', '66%', '58%'];

/** The list before it is there, in its shape. */
export function KeysSkeleton() {
  const isPhone = usePhone();
  return (
    <div className={styles['frame']} role="status" aria-busy="true" aria-label="Loading the keys">
      {LINES.map((width) => (
        <div
          key={width}
          style={{
            display: 'flex',
            alignItems: 'center',
            gap: 24,
            height: isPhone ? 96 : 54,
            padding: '0 16px',
            borderBottom: '1px solid var(--line)',
          }}
        >
          <div style={{ flex: '1 1 22%' }}>
            <Skeleton height={11} width={width} mb={8} />
            <Skeleton height={8} width="40%" />
          </div>
          {!isPhone && (
            <>
              <Skeleton height={10} style={{ flex: '0 1 10%' }} />
              <Skeleton height={16} width={30} radius="xl" />
              <Skeleton height={8} style={{ flex: '0 1 12%' }} />
              <Skeleton height={8} style={{ flex: '0 1 12%' }} />
              <Skeleton height={8} style={{ flex: '0 1 10%' }} />
            </>
          )}
        </div>
      ))}
    </div>
  );
}
