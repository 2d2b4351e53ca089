import type { StreamState } from '@tollgate/admin-client/live-stream';
import { useConnection } from '../live/live.tsx';
import styles from './line-state.module.css';

const WORDS: Record<StreamState, string> = {
  ...{ connecting: 'Connecting', open: 'Live', waiting: 'Reconnecting' },
  ...{ refused: 'Not live', paused: 'Paused' },
};

/** Whether the figures on the page move by themselves. */
export function LineState() {
  const { state, isMoving } = useConnection();
  const isStill = state === 'open' && !isMoving;
  return (
    <div className={styles['line']} data-state={isStill ? 'waiting' : state} role="status">
      <span aria-hidden="true" />
      {isStill ? 'Figures stand still' : WORDS[state]}
    </div>
  );
}
