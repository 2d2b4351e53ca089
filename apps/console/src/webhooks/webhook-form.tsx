import { Checkbox, Radio, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { WEBHOOK_EVENTS } from '@tollgate/contracts/webhooks';
import styles from '../confirm/form.module.css';
import { EVENT_WORDS } from './event-words.ts';
import type { WebhookFormValues } from './webhook-form-values.ts';

/** The fields of a webhook: where it goes, what for, and what it is told. */
export function WebhookForm({ form }: { readonly form: UseFormReturnType<WebhookFormValues> }) {
  return (
    <>
      <TextInput
        label="Address"
        description="An https address that takes POST."
        placeholder="https://hooks.example.com/tollgate"
        type="url"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        {...form.getInputProps('url')}
      />
      <TextInput
        label="Description"
        placeholder="Pages whoever is on call"
        autoComplete="off"
        dir="auto"
        {...form.getInputProps('description')}
      />
      <Radio.Group label="What it is told" {...form.getInputProps('which')}>
        <div className={styles['choices']}>
          <Radio value="all" label="Everything" description="Events of later versions too." />
          <Radio value="chosen" label="Chosen events" />
        </div>
      </Radio.Group>
      {form.values.which === 'chosen' && (
        <Checkbox.Group aria-label="Chosen events" pl={32} {...form.getInputProps('events')}>
          <div className={styles['choices']}>
            {WEBHOOK_EVENTS.map((event) => (
              <Checkbox
                key={event}
                size="sm"
                value={event}
                label={EVENT_WORDS[event][0]}
                description={EVENT_WORDS[event][1]}
              />
            ))}
          </div>
        </Checkbox.Group>
      )}
    </>
  );
}
