import { Autocomplete, Collapse, TagsInput, Textarea, TextInput, UnstyledButton } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import { LimitFields } from '../limits/limit-fields.tsx';
import { TeamSelect } from '../teams/team-select.tsx';
import { USUAL_ENVIRONMENTS } from './environments.ts';
import { ExpiryField } from './expiry-field.tsx';
import styles from './key-form.module.css';
import { ADVANCED_FIELDS, type KeyFormValues } from './key-form-values.ts';

interface KeyFormProps {
  readonly form: UseFormReturnType<KeyFormValues>;
  /** A key stays in the team that it was made in. */
  readonly isNew: boolean;
}

/** The fields of a key: what it is, its limits, and what few keys need folded away. */
export function KeyForm({ form, isNew }: KeyFormProps) {
  const [isUnfolded, setUnfolded] = useState(false);
  const isAdvancedShown = isUnfolded || ADVANCED_FIELDS.some((field) => form.errors[field] !== undefined);
  const field = (name: keyof KeyFormValues) => ({ key: form.key(name), ...form.getInputProps(name) });
  return (
    <>
      <div className={styles['section']}>
        <TextInput
          label="Name"
          placeholder="checkout-service"
          data-autofocus
          required
          withAsterisk={false}
          autoComplete="off"
          dir="auto"
          {...field('name')}
        />
        <div className={styles['two']}>
          <TeamSelect
            label="Team"
            allowDeselect={false}
            disabled={!isNew}
            // Below the field, so that the one beside it is on the same line.
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            description={isNew ? undefined : 'A key stays in its team.'}
            {...field('team_id')}
          />
          <Autocomplete
            label="Environment"
            placeholder="None"
            data={USUAL_ENVIRONMENTS}
            {...field('environment')}
          />
        </div>
        <ExpiryField {...field('expires_at')} />
      </div>
      <fieldset className={styles['section']}>
        <legend>Limits</legend>
        <LimitFields form={form} />
      </fieldset>
      <div className={styles['section']}>
        <UnstyledButton
          className={styles['fold']!}
          aria-expanded={isAdvancedShown}
          onClick={() => setUnfolded(!isUnfolded)}
        >
          <IconChevronRight size={15} stroke={1.8} aria-hidden="true" />
          Advanced
          <small>owner, purpose, models, IP ranges, metadata</small>
        </UnstyledButton>
        <Collapse expanded={isAdvancedShown}>
          <div className={styles['advanced']}>
            <div className={styles['two']}>
              <TextInput label="Owner" placeholder="Who answers for it" {...field('owner')} />
              <TextInput label="Purpose" placeholder="What it is for" {...field('purpose')} />
            </div>
            <TagsInput
              label="Allowed models"
              description="Names, or patterns such as gpt-4o*. Empty allows all."
              placeholder={form.getValues().allowed_models.length > 0 ? '' : 'All models'}
              splitChars={[',', ' ']}
              {...field('allowed_models')}
            />
            <TagsInput
              label="Allowed IP addresses"
              description="Addresses, or ranges such as 203.0.113.0/24. Empty allows all."
              placeholder={form.getValues().allowed_ips.length > 0 ? '' : 'All addresses'}
              splitChars={[',', ' ']}
              {...field('allowed_ips')}
            />
            <Textarea
              label="Metadata"
              description="A line each: name: value. It is on every usage record."
              placeholder="cost_center: 42"
              autosize
              minRows={2}
              maxRows={8}
              {...field('metadata')}
            />
          </div>
        </Collapse>
      </div>
    </>
  );
}
