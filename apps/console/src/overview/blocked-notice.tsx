import type { OverviewMeter } from '@tollgate/contracts/admin-http';
import { DIMENSIONS, type Limits } from '@tollgate/contracts/limits';
import type { ReactNode } from 'react';
import { count } from '../figures/count.ts';
import { usd } from '../figures/money.ts';
import { When } from '../figures/when.tsx';
import { LIMIT_WORDS } from '../limits/words.ts';
import { Notice } from './notice.tsx';

interface BlockedNoticeProps {
  /** Whose limit it is, as the sentence has it: `this key`, `its team`. */
  readonly whose: string;
  readonly limits: Limits;
  readonly meter: OverviewMeter;
  readonly actions?: ReactNode;
}

const REFUSAL = {
  requests_per_minute: 'requests_per_minute_reached',
  cost_usd: 'cost_limit_reached',
  tokens: 'token_limit_reached',
};

function usedOf(dimension: (typeof DIMENSIONS)[number], limits: Limits, meter: OverviewMeter): string {
  if (dimension === 'cost_usd') return `${usd(meter.cost_usd)} of ${usd(limits.cost_usd ?? '0')}`;
  if (dimension === 'tokens') return `${count(meter.tokens)} of ${count(limits.tokens ?? 0)} tokens`;
  return `${count(meter.requests_last_minute)} of ${count(limits.requests_per_minute ?? 0)} requests`;
}

/** Names the limit that holds requests back, how far it is used, and when that ends by itself. */
export function BlockedNotice({ whose, limits, meter, actions }: BlockedNoticeProps) {
  const reached = DIMENSIONS.filter((dimension) => meter.blocked.includes(dimension));
  const [first] = reached;
  if (first === undefined) return null;
  return (
    <Notice
      tone="bad"
      title={`Blocked: the ${reached.map((one) => LIMIT_WORDS[one]).join(' and the ')} of ${whose} is reached`}
      actions={actions}
    >
      {reached.map((one) => usedOf(one, limits, meter)).join(', ')} used. Requests get 429{' '}
      <code>{REFUSAL[first]}</code>{' '}
      {meter.resets_at === null ? (
        'until the limit is raised or the usage reset.'
      ) : (
        <>
          until it resets <When at={meter.resets_at} />, or the limit is raised.
        </>
      )}
    </Notice>
  );
}
