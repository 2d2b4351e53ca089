import { Checkbox } from '@mantine/core';
import { ADMIN_ROUTES } from '@tollgate/contracts/admin-routes';
import { memo } from 'react';
import { Link } from 'wouter';
import { When } from '../figures/when.tsx';
import { useLimitFigures } from '../limits/limit-figures.tsx';
import { useMay } from '../session/may.ts';
import { EnabledToggle } from './enabled-toggle.tsx';
import styles from './key-card.module.css';

import type { KeyRowProps } from './key-row.tsx';
import { expiresSoon, standingOf } from './key-state.ts';
import { RowMenu } from './row-menu.tsx';
import { StandingMark } from './standing-mark.tsx';

/** A key where there is room for one column. */
export const KeyCard = memo(function KeyCard({ of: key, isChosen, onChoose, onAct }: KeyRowProps) {
  const may = useMay();
  const { meter, lastUsedAt: told, cost, tokens, requests } = useLimitFigures(key.id, key.limits);
  const lastUsedAt = told ?? key.last_used_at;
  const canChange = may(ADMIN_ROUTES.keys.update) && key.status !== 'revoked' && key.status !== 'expired';
  return (
    <li className={styles['card']} data-chosen={isChosen || undefined}>
      <header>
        {may(ADMIN_ROUTES.keys.bulk) && (
          <Checkbox
            size="sm"
            aria-label={`Choose ${key.name}`}
            checked={isChosen}
            onChange={(event) => onChoose(key.id, event.currentTarget.checked)}
          />
        )}
        <div>
          <Link href={`/keys/${key.id}`}>
            <bdi>{key.name}</bdi>
          </Link>
          <small>
            <bdi>{key.team_name ?? key.team_id}</bdi>
            {key.environment !== null && ` · ${key.environment}`}
          </small>
        </div>
        <RowMenu of={key} onAct={onAct} />
      </header>
      <dl>
        <div>
          <dt>Cost</dt>
          <dd>{cost}</dd>
        </div>
        <div>
          <dt>Tokens</dt>
          <dd>{tokens}</dd>
        </div>
        <div>
          <dt>Req/min</dt>
          <dd>{requests}</dd>
        </div>
      </dl>
      <footer>
        <StandingMark standing={standingOf(key, meter)} />
        <small>
          {expiresSoon(key, Date.now()) ? (
            <span className={styles['soon']}>
              expires <When at={key.expires_at} />
            </span>
          ) : (
            <>
              {lastUsedAt !== null && 'used '}
              <When at={lastUsedAt} absent="never used" />
            </>
          )}
        </small>
        {canChange && <EnabledToggle of={key} />}
      </footer>
    </li>
  );
});
