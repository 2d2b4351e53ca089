import { Link } from 'wouter';
import styles from './overview.module.css';

/** Where a screen belongs, and the way back there. */
export function WayBack({ to, title }: { readonly to: string; readonly title: string }) {
  return (
    <nav className={styles['way']} aria-label="Breadcrumb">
      <Link href={to}>{title}</Link> <span aria-hidden="true">/</span>
    </nav>
  );
}
