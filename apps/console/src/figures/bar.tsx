import styles from './bar.module.css';
import { levelOf } from './level.ts';

/** How much of a limit is used. The figure beside it says the same in words, so that this needs none. */
export function Bar({ percent }: { readonly percent: number }) {
  const level = levelOf(percent);
  return (
    <div className={styles['track']} aria-hidden="true">
      <div
        className={`${styles['fill']} ${level === 'calm' ? '' : styles[level]}`}
        style={{ width: `${percent > 0 ? Math.max(2, Math.min(100, percent)) : 0}%` }}
      />
    </div>
  );
}
