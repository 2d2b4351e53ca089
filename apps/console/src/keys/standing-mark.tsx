import { STATUS_WORDS, type Standing } from './key-state.ts';
import styles from './standing-mark.module.css';

/** Whether a key works, in a word and a mark whose shape tells it too. */
export function StandingMark({ standing }: { readonly standing: Standing }) {
  return (
    <span className={styles['mark']} data-standing={standing}>
      <span aria-hidden="true" />
      {standing === 'blocked' ? 'Blocked' : STATUS_WORDS[standing]}
    </span>
  );
}
