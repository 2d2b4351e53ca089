import { tick } from './measures.ts';
import type { Measure } from './series.ts';
import styles from './usage-panel.module.css';

interface ChartTipProps {
  readonly at: string;
  readonly shown:
    | readonly { readonly name?: unknown; readonly value?: unknown; readonly color?: unknown }[]
    | undefined;
  readonly measure: Measure;
  readonly nameOf: (group: string) => string;
}

/** What a bucket of the chart is made of. */
export function ChartTip({ at, shown, measure, nameOf }: ChartTipProps) {
  const parts = (shown ?? []).filter(({ value }) => Number(value) > 0).reverse();
  return (
    <div className={styles['tip']}>
      <strong>{at}</strong>
      {parts.length === 0 && <span>No use</span>}
      {parts.map(({ name, value, color }) => (
        <div key={String(name)}>
          <i style={{ background: String(color) }} />
          <span>{nameOf(String(name))}</span>
          <b>{tick(measure)(Number(value))}</b>
        </div>
      ))}
    </div>
  );
}
