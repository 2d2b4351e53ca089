import type { OverviewMeter } from '@tollgate/contracts/admin-http';
import type { Limits } from '@tollgate/contracts/limits';
import { count, countShort } from '../figures/count.ts';
import { usdLimit } from '../figures/money.ts';
import { Usd } from '../figures/usd.tsx';
import { When } from '../figures/when.tsx';
import { sharesOf } from '../limits/shares.ts';
import { PER_PERIOD } from '../limits/words.ts';
import styles from './gauge.module.css';
import { Gauge } from './gauge.tsx';
import { periodName } from './period-name.ts';

interface GaugesProps {
  readonly limits: Limits;
  readonly meter: OverviewMeter;
}

/** The current period: what was used, what is left, and when it begins anew. */
export function Gauges({ limits, meter }: GaugesProps) {
  const shares = sharesOf(limits, meter);
  const per = PER_PERIOD[limits.reset_period];
  const isHeld = meter.held.tokens > 0 || !/^0\.0+$/.test(meter.held.cost_usd);
  return (
    <div className={styles['gauges']}>
      <Gauge
        title="Cost"
        used={<Usd amount={meter.cost_usd} />}
        limit={limits.cost_usd && `${usdLimit(limits.cost_usd)} ${per}`}
        percent={shares.cost_usd}
        note={
          meter.remaining.cost_usd === null ? (
            'Counted, not limited'
          ) : (
            <>
              <Usd amount={meter.remaining.cost_usd} /> left
              {isHeld && (
                <>
                  , <Usd amount={meter.held.cost_usd} /> held
                </>
              )}
            </>
          )
        }
      />
      <Gauge
        title="Tokens"
        used={
          <span title={count(meter.tokens)}>
            {meter.tokens < 10_000_000 ? count(meter.tokens) : countShort(meter.tokens)}
          </span>
        }
        limit={limits.tokens === null ? null : `${countShort(limits.tokens)} ${per}`}
        percent={shares.tokens}
        note={
          meter.remaining.tokens === null
            ? 'Counted, not limited'
            : `${count(meter.remaining.tokens)} left${isHeld ? `, ${count(meter.held.tokens)} held` : ''}`
        }
      />
      <Gauge
        title="Requests in the last 60 s"
        used={count(meter.requests_last_minute)}
        limit={limits.requests_per_minute === null ? null : `${count(limits.requests_per_minute)} a minute`}
        percent={shares.requests_per_minute}
        note={`${count(meter.requests)} in this period`}
      />
      <section className={styles['gauge']} aria-label="Period">
        <header>
          <h2>Period</h2>
        </header>
        <p className={styles['figure']}>
          <strong>{periodName(meter.period.id)}</strong>
        </p>
        <div className={styles['spacer']} />
        <p className={styles['note']}>
          {meter.resets_at === null ? (
            'Cost and tokens never reset'
          ) : (
            <>
              Resets <When at={meter.resets_at} />, <When at={meter.resets_at} as="minute" />
            </>
          )}
        </p>
      </section>
    </div>
  );
}
