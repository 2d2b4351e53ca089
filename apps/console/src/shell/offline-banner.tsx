import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useConnection } from '../live/live.tsx';
import styles from './offline-banner.module.css';

/** A stream that comes back at once is no news. */
const PATIENCE_MS = 2_000;

/** Says that figures stand still, since when it matters and what to do. */
export function OfflineBanner() {
  const { state, retry } = useConnection();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    if (state !== 'away') return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  if (!isLate) return null;
  return (
    <div className={styles['banner']} role="status">
      <IconCloudOff size={17} stroke={1.6} aria-hidden="true" />
      <span>
        {navigator.onLine ? 'Tollgate does not answer' : 'This machine is offline'}: figures stand still until
        it is reached again.
      </span>
      <Button variant="default" size="compact-sm" onClick={retry}>
        Try now
      </Button>
    </div>
  );
}
