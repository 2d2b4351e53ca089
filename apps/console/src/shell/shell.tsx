import { ActionIcon, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMenu2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { Account } from './account.tsx';
import { LineState } from './line-state.tsx';
import { Mark } from './mark.tsx';
import { Navigation } from './navigation.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import styles from './shell.module.css';

/** What stands around every screen. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const [isOpen, menu] = useDisclosure();
  return (
    <div className={styles['shell']}>
      <a className={styles['skip']} href="#content">
        Skip to content
      </a>
      <header className={styles['topbar']}>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Open the menu" onClick={menu.open}>
          <IconMenu2 size={20} stroke={1.6} />
        </ActionIcon>
        <Brand />
        <LineState />
      </header>
      <aside className={styles['sidebar']}>
        <Brand />
        <Navigation />
        <footer>
          <LineState />
          <Account />
        </footer>
      </aside>
      <Drawer
        opened={isOpen}
        onClose={menu.close}
        size={280}
        title={<Brand />}
        classNames={{ body: styles['drawer']! }}
      >
        <Navigation onGo={menu.close} />
        <Account />
      </Drawer>
      <div className={styles['page']}>
        <OfflineBanner />
        <main id="content" tabIndex={-1} className={styles['content']}>
          {children}
        </main>
      </div>
    </div>
  );
}

function Brand() {
  return (
    <Link href="/keys" className={styles['brand']!}>
      <Mark size={22} />
      Tollgate
    </Link>
  );
}
