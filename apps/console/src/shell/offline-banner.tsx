import { Button } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useConnection } from '../live/live.tsx';
import styles from './offline-banner.module.css';

/** A stream that comes back at once is no news. */
const PATIENCE_MS = 2_000;

/** Says that figures stand still, why, and what to do. */
export function OfflineBanner() {
  const { state, retry, isMoving } = useConnection();
  const [hasBroken, setBroken] = useState(false);
  const [isLate, setLate] = useState(false);
  // While it tries it connects, and each try that fails would hide the banner.
  useEffect(() => {
    if (state === 'waiting' || state === 'refused') setBroken(true);
    if (state === 'open' || state === 'paused') setBroken(false);
  }, [state]);
  useEffect(() => {
    if (!hasBroken) return setLate(false);
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [hasBroken]);

  if (!isLate && isMoving) return null;
  return (
    <div className={styles['banner']} role="status">
      <IconCloudOff size={17} stroke={1.6} aria-hidden="true" />
      <span>
        {isLate
          ? unreached()
          : 'Metering cannot be asked: figures stand still, and keys can be changed all the same.'}
      </span>
      {isLate && (
        <Button variant="default" size="compact-sm" onClick={retry}>
          Try now
        </Button>
      )}
    </div>
  );
}

const unreached = () =>
  `${navigator.onLine ? 'Tollgate does not answer' : 'This machine is offline'}: figures stand still until it is reached again.`;
