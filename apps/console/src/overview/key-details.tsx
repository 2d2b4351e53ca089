import type { Key } from '@tollgate/contracts/admin-http';
import type { ReactNode } from 'react';
import { When } from '../figures/when.tsx';
import { ENFORCEMENT_WORDS, PERIOD_WORDS } from '../limits/words.ts';
import { Facts } from './facts.tsx';
import { Made } from './made.tsx';
import { Panel } from './panel.tsx';

const listed = (entries: readonly string[] | null, all: string): ReactNode =>
  entries === null ? all : entries.map((entry) => <code key={entry}>{entry} </code>);

/** What a key is, beside its figures. */
export function KeyDetails({ of: key }: { readonly of: Key }) {
  const metadata = Object.entries(key.metadata);
  return (
    <Panel title="Details">
      <Facts
        facts={[
          ['Team', <bdi key="team">{key.team_name ?? key.team_id}</bdi>],
          ['Environment', key.environment ?? '—'],
          ['Owner', key.owner ?? '—'],
          ['Purpose', key.purpose ?? '—'],
          ['Resets', `${PERIOD_WORDS[key.limits.reset_period]}, ${key.limits.timezone}`],
          ['When reached', ENFORCEMENT_WORDS[key.limits.enforcement][0]],
          ['Models', listed(key.allowed_models, 'All')],
          ['IP addresses', listed(key.allowed_ips, 'All')],
          ['Expires', <When key="expires" at={key.expires_at} as="day" />],
          ['Created', <Made key="created" of={key} />],
          ...metadata.map(([name, value]): [string, ReactNode] => [name, <code key={name}>{value}</code>]),
          ['Id', <code key="id">{key.id}</code>],
        ]}
      />
    </Panel>
  );
}
