import { Link, useLocation } from 'wouter';
import { loadScreen } from '../screens.tsx';
import { useMay } from '../session/may.ts';
import styles from './navigation.module.css';
import { GROUPS, isWithin } from './places.ts';

/** The places that the one who is signed in may go. */
export function Navigation({ onGo }: { readonly onGo?: () => void }) {
  const may = useMay();
  const [here] = useLocation();
  return (
    <nav className={styles['navigation']} aria-label="Main">
      {GROUPS.map((places) => (
        <ul key={places[0]!.path}>
          {places
            .filter(({ asks }) => may(asks))
            .map(({ path, title, icon: Icon }) => (
              <li key={path}>
                <Link
                  href={path}
                  aria-current={isWithin(path, here) ? 'page' : undefined}
                  {...(onGo && { onClick: onGo })}
                  onPointerEnter={() => void loadScreen(path)}
                  onFocus={() => void loadScreen(path)}
                >
                  <Icon size={17} stroke={1.6} aria-hidden="true" />
                  {title}
                </Link>
              </li>
            ))}
        </ul>
      ))}
    </nav>
  );
}
