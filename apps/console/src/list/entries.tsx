import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import styles from './entries.module.css';

interface EntriesProps {
  readonly label: string;
  readonly children: ReactNode;
}

/** What happened, one after the other; each can be opened. */
export function Entries({ label, children }: EntriesProps) {
  return (
    <ol className={styles['entries']} aria-label={label}>
      {children}
    </ol>
  );
}

interface EntryProps {
  readonly summary: ReactNode;
  /** Drawn when it is first opened. */
  readonly children: () => ReactNode;
}

export function Entry({ summary, children }: EntryProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <li className={styles['entry']}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <IconChevronRight size={14} stroke={1.8} aria-hidden="true" />
          <div className={styles['summary']}>{summary}</div>
        </summary>
        {isOpen && <div className={styles['body']}>{children()}</div>}
      </details>
    </li>
  );
}
