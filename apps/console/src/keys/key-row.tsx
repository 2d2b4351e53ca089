import { Checkbox } from '@mantine/core';
import type { Key, OverviewMeter } from '@tollgate/contracts/admin-http';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import type { Limits } from '@tollgate/contracts/limits';
import { memo } from 'react';
import { Link } from 'wouter';
import { makerOf } from '../figures/maker.ts';
import styles from '../figures/table.module.css';
import { Waiting } from '../figures/waiting.tsx';
import { When } from '../figures/when.tsx';
import { useLimitFigures } from '../limits/limit-figures.tsx';
import { useMay } from '../session/may.ts';
import { EnabledToggle } from './enabled-toggle.tsx';
import type { KeyAct } from './key-act.tsx';
import { expiresSoon, standingOf } from './key-state.ts';
import { RowMenu } from './row-menu.tsx';
import { StandingMark } from './standing-mark.tsx';

export interface KeyRowProps {
  readonly of: Key;
  readonly isChosen: boolean;
  readonly onChoose: (id: string, isChosen: boolean) => void;
  readonly onAct: (act: KeyAct) => void;
}

/** A key on a line of the table. */
export const KeyRow = memo(function KeyRow({ of: key, isChosen, onChoose, onAct }: KeyRowProps) {
  const may = useMay();
  const teamName = key.team_name ?? key.team_id;
  const { meter, lastUsedAt: told, cost, tokens, requests } = useLimitFigures(key.id, key.limits);
  const lastUsedAt = told ?? key.last_used_at;
  const canChange = may(ADMIN_ROUTES.keys.update) && key.status !== 'revoked';
  const soon = expiresSoon(key, Date.now());
  return (
    <tr
      className={styles['row']}
      data-chosen={isChosen || undefined}
      data-off={key.status !== 'active' || undefined}
    >
      {may(ADMIN_ROUTES.keys.bulk) && (
        <td>
          <Checkbox
            size="xs"
            aria-label={`Choose ${key.name}`}
            checked={isChosen}
            onChange={(event) => onChoose(key.id, event.currentTarget.checked)}
          />
        </td>
      )}
      <th scope="row">
        <Link href={`/keys/${key.id}`} className={styles['name']!} title={key.name}>
          <bdi>{key.name}</bdi>
        </Link>
        <span
          className={styles['second']}
          title={`${key.prefix}…${key.last_four}, made by ${key.created_by}`}
        >
          <code>
            {shortPrefix(key.prefix)}…{key.last_four}
          </code>{' '}
          · by {makerOf(key)}
        </span>
      </th>
      <td>
        <span className={styles['line']} title={teamName}>
          <bdi>{teamName}</bdi>
        </span>
        <span className={styles['second']}>{key.environment ?? '—'}</span>
      </td>
      <td>
        <div className={styles['state']}>
          {canChange && key.status !== 'expired' && <EnabledToggle of={key} />}
          <StandingMark standing={standingOf(key, meter)} />
        </div>
      </td>
      <td>{cost}</td>
      <td>{tokens}</td>
      <td>{requests}</td>
      <td className={styles['wide']}>
        <Resets limits={key.limits} meter={meter} />
      </td>
      <td>
        <span className={lastUsedAt === null ? styles['faint'] : undefined}>
          <When at={lastUsedAt} />
        </span>
      </td>
      <td className={styles['wide']}>
        <span className={soon ? styles['soon'] : key.expires_at === null ? styles['faint'] : undefined}>
          <When at={key.expires_at} />
        </span>
      </td>
      <td className={styles['menu']}>
        <RowMenu of={key} onAct={onAct} />
      </td>
    </tr>
  );
});

function Resets({ limits, meter }: { readonly limits: Limits; readonly meter: OverviewMeter | undefined }) {
  if (limits.reset_period === 'never') return <span className={styles['faint']}>never</span>;
  return meter ? <When at={meter.resets_at} /> : <Waiting />;
}

/** `tg_7Hx2…`: enough to know it by; the whole is on hover. */
const shortPrefix = (prefix: string) => (prefix.length > 10 ? prefix.slice(0, 8) : prefix);
