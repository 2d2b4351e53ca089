import type { ReactNode } from 'react';
import styles from './panel.module.css';

interface PanelProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a screen with a name. */
export function Panel({ title, about, actions, children }: PanelProps) {
  return (
    <section className={styles['panel']} aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          {about && <p>{about}</p>}
        </div>
        {actions && <div>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
