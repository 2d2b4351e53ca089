import { Link } from 'wouter';
import { Empty } from '../trouble/empty.tsx';
import { ScreenHead } from './screen-head.tsx';

export function NoSuchScreen() {
  return (
    <>
      <ScreenHead title="Not found" />
      <Empty title="There is nothing at this address">
        Go to the <Link href="/keys">API keys</Link>, or choose from the menu.
      </Empty>
    </>
  );
}
