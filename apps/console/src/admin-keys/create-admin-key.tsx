import { Modal, Radio, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import {
  ADMIN_ROLES,
  type AdminRole,
  type CreateAdminKeyBody,
  createAdminKeyBody,
} from '@tollgate/contracts/admin-keys-http';
import { admin } from '../api/admin.ts';
import styles from '../confirm/form.module.css';
import { FormEnd } from '../confirm/form-end.tsx';
import { ExpiryField } from '../keys/expiry-field.tsx';
import { SecretOnce } from '../secret/secret-once.tsx';
import { useMe } from '../session/me.ts';
import { TeamSelect } from '../teams/team-select.tsx';
import { usePhone } from '../theme/phone.ts';
import { fieldErrorOf, problemsOf } from '../trouble/field-errors.ts';
import { validateWhenLeft } from '../trouble/when-left.ts';
import { ROLE_IN_TEAM, ROLE_WORDS } from './role-words.ts';

interface Values {
  name: string;
  role: AdminRole;
  /** `''` is all teams. */
  team_id: string;
  expires_at: string | null;
}

const SHOWN = ['name', 'role', 'team_id', 'expires_at'];
const bodyOf = ({ team_id, ...values }: Values): CreateAdminKeyBody => ({
  ...values,
  team_id: team_id === '' ? null : team_id,
});

/** What it opens, ready to be pasted. */
const examplesOf = (secret: string) => [
  {
    title: 'Command line',
    code: `export TOLLGATE_URL=${window.location.origin}
export TOLLGATE_ADMIN_KEY=${secret}
npx tollgate keys list`,
  },
  {
    title: 'curl',
    code: `curl ${window.location.origin}/v1/keys \\
  -H "Authorization: Bearer ${secret}"`,
  },
];

/** Makes an admin key, then shows it once. An owner of one team makes them for that team alone. */
export function CreateAdminKey({ onClose }: { readonly onClose: () => void }) {
  const me = useMe();
  const queries = useQueryClient();
  const isPhone = usePhone();
  const form = useForm<Values>({
    initialValues: { name: '', role: 'viewer', team_id: me.team_id ?? '', expires_at: null },
    validate: (values) => problemsOf(createAdminKeyBody, bodyOf(values), SHOWN),
    enhanceGetInputProps: validateWhenLeft,
  });
  const create = useMutation({
    mutationFn: (values: Values) => admin.adminKeys.create({ body: bodyOf(values) }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['admin-keys'] }),
    onError: (error) => form.setErrors(fieldErrorOf(error, SHOWN) ?? {}),
    gcTime: 0,
  });
  const frame = { size: 560, fullScreen: isPhone } as const;
  if (create.isSuccess) {
    const { admin_key, secret } = create.data;
    return (
      <Modal
        opened
        onClose={() => undefined}
        withCloseButton={false}
        title={`Save the admin key ${admin_key.name}`}
        {...frame}
      >
        <SecretOnce secret={secret} examples={examplesOf(secret)} onSaved={onClose} />
      </Modal>
    );
  }
  const isInTeam = form.values.team_id !== '';
  return (
    <Modal opened onClose={onClose} title="Create admin key" closeOnClickOutside={!form.isDirty()} {...frame}>
      <form noValidate className={styles['form']} onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <TextInput
          label="Name"
          description="Who or what holds it; the audit log tells deeds by it."
          placeholder="mira, or finance-export"
          autoComplete="off"
          dir="auto"
          data-autofocus
          {...form.getInputProps('name')}
        />
        <TeamSelect
          label="Acts in"
          none="All teams"
          disabled={me.team_id !== null}
          allowDeselect={false}
          {...form.getInputProps('team_id')}
        />
        <Radio.Group label="Role" {...form.getInputProps('role')}>
          <div className={styles['choices']}>
            {ADMIN_ROLES.map((role) => (
              <Radio
                key={role}
                value={role}
                label={ROLE_WORDS[role][0]}
                description={isInTeam ? ROLE_IN_TEAM[role] : ROLE_WORDS[role][1]}
              />
            ))}
          </div>
        </Radio.Group>
        <ExpiryField {...form.getInputProps('expires_at')} />
        <FormEnd
          error={fieldErrorOf(create.error, SHOWN) === null ? create.error : null}
          what="The admin key was not created."
          submit="Create admin key"
          isPending={create.isPending}
          onCancel={onClose}
        />
      </form>
    </Modal>
  );
}
