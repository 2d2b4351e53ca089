import { type ConnectionState } from '../live/connection.ts';
import { useConnection } from '../live/live.tsx';
import styles from './line-state.module.css';

const WORDS: Record<ConnectionState, string> = {
  connecting: 'Connecting',
  live: 'Live',
  away: 'Reconnecting',
  ended: 'Signed out',
};

/** Whether the figures on the page move by themselves. */
export function LineState() {
  const { state } = useConnection();
  return (
    <div className={styles['line']} data-state={state} role="status">
      <span aria-hidden="true" />
      {WORDS[state]}
    </div>
  );
}
