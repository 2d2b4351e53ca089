import type { ReactNode } from 'react';
import styles from './screen-head.module.css';
import { useTitle } from './title.ts';

interface ScreenHeadProps {
  readonly title: string;
  /** One line on what the screen is for. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
}

/** The top of a screen: what it is, and what can be done there. */
export function ScreenHead({ title, about, actions }: ScreenHeadProps) {
  useTitle(title);
  return (
    <header className={styles['head']}>
      <div>
        <h1 dir="auto">{title}</h1>
        {about && <p>{about}</p>}
      </div>
      {actions && <div className={styles['actions']}>{actions}</div>}
    </header>
  );
}
