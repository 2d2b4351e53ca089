import { Link } from 'wouter';
import { useMe } from '../session/me.ts';
import { Empty } from '../trouble/empty.tsx';
import type { Place } from './places.ts';
import { ScreenHead } from './screen-head.tsx';

/** In the place of a screen that the API would not answer the viewer: who may see it, and where to go. */
export function NotForYou({ of: { title, asks } }: { readonly of: Place }) {
  const { name, role, team_id } = useMe();
  const [least, where] = asks.access;
  return (
    <>
      <ScreenHead title={title} />
      <Empty title="Your admin key does not open this">
        It takes the role {least}
        {where === 'everywhere' && ' in all teams'}; <bdi>{name}</bdi> has the role {role}
        {team_id !== null && ' in one team'}. Ask an owner for another admin key, or go to the{' '}
        <Link href="/keys">API keys</Link>.
      </Empty>
    </>
  );
}
