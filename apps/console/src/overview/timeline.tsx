import type { HistoryEntry } from '@tollgate/contracts/metering-http';
import { counted } from '../figures/count.ts';
import { usd } from '../figures/money.ts';
import { When } from '../figures/when.tsx';
import { LIMIT_WORDS } from '../limits/words.ts';
import { Panel } from './panel.tsx';
import { periodName } from './period-name.ts';
import styles from './timeline.module.css';

const RESETS: Record<string, string> = {
  period: 'Counters began a new period',
  manual: 'Counters were reset by an administrator',
  limit_changed: 'Counters began anew with a changed limit',
};

function saidOf({ kind, dimension, threshold, reason }: HistoryEntry): string {
  const limit = dimension === null ? 'a limit' : `the ${LIMIT_WORDS[dimension]}`;
  if (kind === 'limit.breached') return `Reached ${limit}`;
  if (kind === 'limit.warned') return `${threshold} % of ${limit}`;
  return RESETS[reason] ?? 'Counters were reset';
}

/** Warnings, breaches and resets, newest first. */
export function Timeline({ of: history }: { readonly of: readonly HistoryEntry[] }) {
  return (
    <Panel title="Limits over time">
      {history.length === 0 ? (
        <p className={styles['none']}>No warning, breach or reset yet.</p>
      ) : (
        <ol className={styles['line']}>
          {history.map((entry) => (
            <li
              key={`${entry.kind}-${entry.at}-${entry.dimension}-${entry.threshold}`}
              data-kind={entry.kind}
            >
              <strong>{saidOf(entry)}</strong>
              <span>
                <When at={entry.at} /> · {periodName(entry.period_id)} · {usd(entry.used.cost_usd)},{' '}
                {counted(entry.used.tokens, 'token')}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
