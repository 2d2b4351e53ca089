import type { DeliveryAttempt } from '@tollgate/contracts/webhooks';
import { count } from '../figures/count.ts';
import { When } from '../figures/when.tsx';
import styles from './attempt.module.css';

export const isGood = ({ status }: DeliveryAttempt): boolean =>
  status !== null && status >= 200 && status < 300;

/** One try to deliver: what the receiver answered, how fast, and what it said. */
export function Attempt({ of: attempt }: { readonly of: DeliveryAttempt }) {
  const { at, status, ms, response, error } = attempt;
  return (
    <div className={styles['attempt']} data-ok={isGood(attempt)}>
      <p>
        <strong>{error ?? `The receiver answered ${status}.`}</strong>
        <span>{count(ms)} ms</span>
        <When at={at} />
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      {response !== null && <pre tabIndex={0}>{response}</pre>}
    </div>
  );
}
