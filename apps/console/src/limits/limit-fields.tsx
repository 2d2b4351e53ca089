import { NumberInput, Radio, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { RESET_PERIODS } from '@tollgate/contracts/limits';
import styles from './limit-fields.module.css';
import type { LimitValues } from './limit-values.ts';
import { timeZones } from './time-zones.ts';
import { ENFORCEMENT_WORDS, PERIOD_WORDS } from './words.ts';

interface LimitFieldsProps {
  // biome-ignore lint/suspicious/noExplicitAny: a form of whatever values, as long as they have limits
  readonly form: Pick<UseFormReturnType<any>, 'getInputProps' | 'key'>;
}

const PERIODS = RESET_PERIODS.map((value) => ({ value, label: PERIOD_WORDS[value] }));
const ZONES = timeZones();

/** The limits of a key, a team or the organization. An empty field is no limit. */
export function LimitFields({ form }: LimitFieldsProps) {
  const field = (name: keyof LimitValues) => ({
    key: form.key(`limits.${name}`),
    ...form.getInputProps(`limits.${name}`),
  });
  return (
    <div className={styles['fields']}>
      <div className={styles['three']}>
        <TextInput
          label="Cost limit"
          placeholder="No limit"
          leftSection="$"
          inputMode="decimal"
          autoComplete="off"
          {...field('cost_usd')}
        />
        <NumberInput
          label="Token limit"
          placeholder="No limit"
          thousandSeparator=","
          hideControls
          allowNegative={false}
          {...field('tokens')}
        />
        <NumberInput
          label="Requests/min"
          placeholder="No limit"
          thousandSeparator=","
          hideControls
          allowNegative={false}
          {...field('requests_per_minute')}
        />
      </div>
      <div className={styles['two']}>
        <Select
          label="Cost and tokens reset"
          data={PERIODS}
          allowDeselect={false}
          {...field('reset_period')}
        />
        <Select
          label="Time zone of the period"
          data={ZONES}
          searchable
          limit={60}
          allowDeselect={false}
          nothingFoundMessage="No such time zone"
          {...field('timezone')}
        />
      </div>
      <Radio.Group label="When a limit is reached" {...field('enforcement')}>
        <div className={styles['choices']}>
          {(['soft', 'hard'] as const).map((value) => (
            <Radio.Card key={value} value={value} className={styles['choice']!}>
              <Radio.Indicator size="xs" />
              <span>
                <strong>{ENFORCEMENT_WORDS[value][0]}</strong>
                <small>{ENFORCEMENT_WORDS[value][1]}</small>
              </span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
    </div>
  );
}
