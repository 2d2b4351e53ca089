import type { ReactNode } from 'react';
import { Bar } from '../figures/bar.tsx';
import { levelOf, percentText } from '../figures/level.ts';
import styles from './gauge.module.css';

interface GaugeProps {
  readonly title: string;
  readonly used: ReactNode;
  /** `null` is no limit. */
  readonly limit: ReactNode | null;
  readonly percent: number | null;
  /** What is left, or what stands in its place. */
  readonly note: ReactNode;
}

/** One figure against its limit. */
export function Gauge({ title, used, limit, percent, note }: GaugeProps) {
  const level = percent === null ? 'calm' : levelOf(percent);
  return (
    <section className={styles['gauge']} data-level={level} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {percent !== null && <span>{percentText(percent)}</span>}
      </header>
      <p className={styles['figure']}>
        <strong>{used}</strong> <span>{limit === null ? 'no limit' : <>of {limit}</>}</span>
      </p>
      {percent === null ? <div className={styles['open']} /> : <Bar percent={percent} />}
      <p className={styles['note']}>{note}</p>
    </section>
  );
}
