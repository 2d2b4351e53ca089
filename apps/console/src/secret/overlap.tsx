import { Radio } from '@mantine/core';
import form from '../confirm/form.module.css';

const OVERLAPS = [
  ['0', 'Not at all', 'It has leaked, or nothing uses it any more.'],
  ['3600', 'For an hour', 'It is replaced by hand now.'],
  ['86400', 'For a day', 'Services take the new one when they are next deployed.'],
  ['604800', 'For a week', 'Others have to be told.'],
] as const;
export const USUAL_OVERLAP = '86400';

interface OverlapProps {
  readonly label: string;
  /** Seconds. */
  readonly value: string;
  readonly onChange: (seconds: string) => void;
}

/** For how long a secret that is replaced stays good. */
export function Overlap({ label, value, onChange }: OverlapProps) {
  return (
    <Radio.Group label={label} value={value} onChange={onChange}>
      <div className={form['choices']}>
        {OVERLAPS.map(([seconds, title, why]) => (
          <Radio key={seconds} value={seconds} label={title} description={why} />
        ))}
      </div>
    </Radio.Group>
  );
}
