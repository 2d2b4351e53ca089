import { IconAlertTriangle, IconHandStop, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './notice.module.css';

const ICONS = { bad: IconHandStop, warn: IconAlertTriangle, plain: IconInfoCircle };

interface NoticeProps {
  readonly tone: keyof typeof ICONS;
  readonly title: ReactNode;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** Something about what is shown that must be known first. */
export function Notice({ tone, title, children, actions }: NoticeProps) {
  const Icon = ICONS[tone];
  return (
    <div className={styles['notice']} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon size={19} stroke={1.6} aria-hidden="true" />
      <div>
        <strong>{title}</strong>
        {children && <p>{children}</p>}
      </div>
      {actions && <footer>{actions}</footer>}
    </div>
  );
}
