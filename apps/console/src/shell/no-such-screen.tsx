import { Link } from 'wouter';
import { Empty } from '../trouble/empty.tsx';
import { useTitle } from './title.ts';

export function NoSuchScreen() {
  useTitle('Not found');
  return (
    <Empty title="There is nothing at this address">
      Go to the <Link href="/keys">API keys</Link>, or choose from the menu.
    </Empty>
  );
}
