import type { ReactNode } from 'react';
import { Bar } from './bar.tsx';
import styles from './figure-cell.module.css';
import { levelOf, percentText } from './level.ts';
import { Waiting } from './waiting.tsx';

interface FigureCellProps {
  /** What was used; `null` until it is known. */
  readonly used: ReactNode | null;
  /** `null` is no limit. */
  readonly limit: string | null;
  readonly percent: number | null;
}

/** What was used of a limit: the figure, the limit, and a slim bar. */
export function FigureCell({ used, limit, percent }: FigureCellProps) {
  if (used === null) return <Waiting />;
  const level = percent === null ? 'calm' : levelOf(percent);
  return (
    <div className={styles['figure']} data-level={level}>
      <div>
        <strong>{used}</strong>
        {limit !== null && <span>/ {limit}</span>}
      </div>
      {percent !== null && (
        <>
          <Bar percent={percent} />
          <span className={styles['spoken']}>{percentText(percent)} of the limit</span>
        </>
      )}
    </div>
  );
}
